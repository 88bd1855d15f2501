/**
 * Puts the files of a listing together into cases, each in its place.
 * @module
 */
import type { ObjectInfo } from "../storage/object_store.ts";
import type { Channel, Place } from "./layouts.ts";

/** A file as the listing tells it. */
export type ListedFile = Pick<ObjectInfo, "key" | "bytes" | "etag">;

/** The files of one case. */
export interface ScannedCase {
  readonly caseId: string;
  readonly patientId?: string;
  readonly fold?: number;
  /** By channel; none where it is missing, several where nothing tells which one it is. */
  readonly images: readonly (readonly ListedFile[])[];
  readonly labels: readonly ListedFile[];
}

/** A file that is in no case, and why. */
export interface UnmatchedFile {
  readonly key: string;
  readonly reason: string;
}

interface Group {
  readonly caseId: string;
  patientId?: string;
  fold?: number;
  readonly images: ListedFile[][];
  readonly labels: ListedFile[];
}

/** What was put together. */
export interface GatheredCases {
  readonly channels: readonly Channel[];
  readonly cases: readonly ScannedCase[];
  readonly unmatched: readonly UnmatchedFile[];
}

/** Puts files together into cases. */
export class Gathering {
  readonly #channels: readonly Channel[] | null;
  readonly #firstUnit: Channel["unit"];
  readonly #groups = new Map<string, Group>();
  readonly #unmatched: UnmatchedFile[] = [];

  /** @param channels null: as many as files have, without names, the first in `firstUnit`. */
  constructor(
    channels: readonly Channel[] | null,
    firstUnit: Channel["unit"] = "unknown",
  ) {
    this.#channels = channels;
    this.#firstUnit = firstUnit;
  }

  /** Notes a file that is in no case. */
  refuse(key: string, reason: string): void {
    this.#unmatched.push({ key, reason });
  }

  /** Puts a file in its place, which may be taken already; the same file is put there once. */
  add(file: ListedFile, place: Place): void {
    const { group: key, role, caseId, patientId, fold } = place;
    const count = this.#channels?.length;
    if (count !== undefined && role !== "label" && role >= count) {
      this.refuse(
        file.key,
        `it is channel ${role} of case "${caseId}", and the dataset has ${count}`,
      );
      return;
    }
    let group = this.#groups.get(key);
    if (group === undefined) {
      // Images come first in every layout, and name the case where labels are called otherwise.
      group = { caseId, images: [], labels: [] };
      this.#groups.set(key, group);
    }
    if (patientId !== undefined) group.patientId ??= patientId;
    if (fold !== undefined) group.fold ??= fold;
    const files = role === "label" ? group.labels : group.images[role] ??= [];
    if (!files.some((known) => known.key === file.key)) files.push(file);
  }

  /** The cases; channels that one lacks are empty. */
  finish(): GatheredCases {
    const groups = [...this.#groups.values()];
    const channels = this.#channels ?? Array.from(
      {
        length: groups.reduce(
          (most, { images }) => Math.max(most, images.length),
          1,
        ),
      },
      (_, n): Channel => ({
        name: null,
        unit: n === 0 ? this.#firstUnit : "unknown",
      }),
    );
    return {
      channels,
      cases: groups.map((group) => ({
        ...group,
        images: channels.map((_, n) => group.images[n] ?? []),
      })),
      unmatched: this.#unmatched,
    };
  }
}
