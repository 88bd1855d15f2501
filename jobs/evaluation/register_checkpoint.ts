/**
 * Registers a checkpoint in a home: its file first, the record last, each created once.
 * @module
 */
import { trainingProvenance } from "../../shared/network/training_provenance.ts";
import {
  checkCheckpointName,
  checkpointFileKey,
  checkpointRecordKey,
} from "../../shared/runs/home/keys.ts";
import {
  type RegisteredCheckpoint,
  registeredCheckpointSchema,
} from "../../shared/runs/home/records.ts";
import { createRecord, readRecord } from "../../shared/runs/record_io.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { LARGEST_CREATE_BYTES } from "../../shared/storage/s3_upload.ts";
import type { LoadedCheckpoint } from "../segmentation/model.ts";
import { readRegistry } from "./reevaluate/registered.ts";

export interface RegisterOptions {
  /** @default the file's */
  readonly name?: string;
  /** @default what the card tells of its training, else the network's name */
  readonly family?: string;
  /** @default what the card tells of its training, else none */
  readonly fold?: number;
}

export interface Registered {
  readonly record: RegisteredCheckpoint;
  /** Whether this call made the record. */
  readonly isNew: boolean;
}

/**
 * Uploads a checkpoint and records it. The same again changes nothing.
 *
 * One file has one name: results tell checkpoints by their sha256, and of two names only one could stand there.
 *
 * @throws {RangeError} when another checkpoint has the name, or this one has it with another family or fold, or
 *   another name, or it is larger than any home takes.
 */
export async function registerCheckpoint(
  home: ObjectStore,
  { ref, card, bytes }: LoadedCheckpoint,
  { name = ref.name, family, fold }: RegisterOptions,
  now: Date,
): Promise<Registered> {
  checkCheckpointName(name);
  // In folders, too: a home may move to a bucket.
  if (bytes.length > LARGEST_CREATE_BYTES) {
    throw new RangeError(
      `Cannot register ${name} in ${home.location}: it has ${
        mebibytes(bytes.length)
      }, and a home takes checkpoints of ${
        mebibytes(LARGEST_CREATE_BYTES)
      } at most`,
    );
  }
  const training = trainingProvenance(card);
  const record: RegisteredCheckpoint = {
    format: 1,
    name,
    sha256: ref.sha256,
    bytes: bytes.length,
    registeredAt: now.toISOString(),
    family: family ?? training.family ?? card.network.name,
    fold: fold ?? training.fold ?? null,
    card,
  };
  const key = checkpointRecordKey(name);
  const before = await readRecord(home, key, registeredCheckpointSchema);
  if (before === null) await requireUnnamed(home, record);
  else requireSame(home, before, record);
  const isThere = await home.head(checkpointFileKey(name)) !== null;
  if (!isThere) await uploadOnce(home, name, bytes, ref.sha256);
  // Perhaps of an earlier try, which ended before its record.
  else if (before === null) await requireBytes(home, name, ref.sha256);
  if (before !== null) return { record: before, isNew: false };
  const isNew = await createRecord(home, key, record);
  const standing = await readRecord(home, key, registeredCheckpointSchema);
  if (standing === null) {
    throw new Error(`Cannot register ${home.location}/${key}: it vanished`);
  }
  requireSame(home, standing, record);
  return { record: standing, isNew };
}

async function requireUnnamed(
  home: ObjectStore,
  { name, sha256 }: RegisteredCheckpoint,
): Promise<void> {
  const { checkpoints } = await readRegistry(home);
  const known = checkpoints.find((other) => other.sha256 === sha256);
  if (known === undefined) return;
  throw new RangeError(
    `Cannot register ${name} in ${home.location}: this file is already registered as ${known.name} (${known.family}, ${
      foldText(known.fold)
    })`,
  );
}

async function uploadOnce(
  home: ObjectStore,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  hash: string,
): Promise<void> {
  const key = checkpointFileKey(name);
  const contentType = "application/octet-stream";
  const isNew = await home.create(key, bytes, { contentType });
  if (!isNew) await requireBytes(home, name, hash);
}

async function requireBytes(
  home: ObjectStore,
  name: string,
  hash: string,
): Promise<void> {
  const there = await home.get(checkpointFileKey(name));
  const found = there === null ? "none" : await sha256(there.body);
  if (found === hash) return;
  throw taken(
    home,
    name,
    `sha256 ${found}, perhaps of an upload that broke off`,
    hash,
  );
}

function requireSame(
  home: ObjectStore,
  standing: RegisteredCheckpoint,
  { name, sha256, family, fold }: RegisteredCheckpoint,
): void {
  if (standing.sha256 !== sha256) {
    throw taken(home, name, `sha256 ${standing.sha256}`, sha256);
  }
  if (standing.family !== family || standing.fold !== fold) {
    throw new RangeError(
      `Cannot register ${name} in ${home.location} as ${family}, ${
        foldText(fold)
      }: it is registered as ${standing.family}, ${foldText(standing.fold)}`,
    );
  }
}

function taken(home: ObjectStore, name: string, found: string, hash: string) {
  return new RangeError(
    `Cannot register ${name} in ${home.location}: another checkpoint has this name (${found}, this one has ${hash}). Choose another name`,
  );
}

/** Rounded up, so that what is a byte too large is told so. */
function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}

/** `fold 2`, `no fold`. */
export function foldText(fold: number | null): string {
  return fold === null ? "no fold" : `fold ${fold}`;
}
