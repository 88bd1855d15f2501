/**
 * The zip archive that `torch.save` writes since PyTorch 1.6: `<name>/data.pkl` and one stored
 * (uncompressed) file `<name>/data/<key>` per storage.
 * @module
 */
import { type UnzipFileInfo, unzipSync } from "fflate";
import { CaseError } from "../../case_error.ts";
import { quote } from "../quote.ts";

/** Far above any checkpoint's; bounds the time a forged directory can take. */
const MAX_ENTRIES = 100_000;
const MAX_PICKLE_BYTES = 16 * 1024 ** 2;

/** A zip's first bytes: a local file header. */
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
/** Before 1.6 a checkpoint was a sequence of pickles that starts with the number 0x1950a86a20f9469cfc6c. */
const LEGACY_MAGIC = [0x80, 0x02, 0x8a, 0x0a];

export interface PytorchArchive {
  /** The pickle that describes the tensors. */
  readonly pickle: Uint8Array;
  /**
   * The raw bytes of storages, each in a buffer of its own.
   *
   * @throws {CaseError} kind `model` when one is missing or cut short.
   */
  storages(keys: ReadonlySet<string>): ReadonlyMap<string, Uint8Array>;
}

/**
 * Opens a PyTorch checkpoint. Nothing is unpacked but the pickle. Only stored entries are read (as
 * PyTorch writes them), so no more memory is taken than the file has bytes.
 *
 * @throws {CaseError} kind `model` when the bytes are no such archive; says so for checkpoints from
 *   before PyTorch 1.6 and for TorchScript.
 */
export function openPytorchArchive(bytes: Uint8Array): PytorchArchive {
  checkMagic(bytes);
  const sizes = listEntries(bytes);
  const pickleNames = [...sizes.keys()].filter((name) =>
    /^[^/]+\/data\.pkl$/.test(name)
  );
  const [pickleName] = pickleNames;
  if (pickleName === undefined || pickleNames.length > 1) {
    throw new CaseError(
      "model",
      `the checkpoint is a zip archive with ${pickleNames.length} files data.pkl, and a PyTorch checkpoint has one`,
    );
  }
  const root = pickleName.slice(0, -"data.pkl".length);
  if (sizes.has(`${root}constants.pkl`)) {
    throw new CaseError(
      "model",
      "the checkpoint is a TorchScript program, not a state dict (save model.state_dict() with torch.save)",
    );
  }
  if (sizes.get(pickleName)! > MAX_PICKLE_BYTES) {
    throw new CaseError(
      "model",
      `the checkpoint's pickle has ${
        sizes.get(pickleName)
      } bytes; at most ${MAX_PICKLE_BYTES} can be read`,
    );
  }
  checkByteOrder(bytes, `${root}byteorder`);
  return {
    pickle: unpack(bytes, new Set([pickleName])).get(pickleName)!,
    storages(keys) {
      const names = new Set([...keys].map((key) => `${root}data/${key}`));
      for (const name of names) {
        if (!sizes.has(name)) {
          throw new CaseError(
            "model",
            `the checkpoint's archive lacks the file ${quote(name)}`,
          );
        }
      }
      const files = unpack(bytes, names);
      return new Map(
        [...keys].map((key) => [key, files.get(`${root}data/${key}`)!]),
      );
    },
  };
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function checkMagic(bytes: Uint8Array): void {
  if (startsWith(bytes, ZIP_MAGIC)) return;
  if (startsWith(bytes, LEGACY_MAGIC)) {
    throw new CaseError(
      "model",
      "the checkpoint has PyTorch's format from before version 1.6 (load it in a newer PyTorch and torch.save it again)",
    );
  }
  throw new CaseError(
    "model",
    bytes.length === 0
      ? "the checkpoint is empty"
      : "the checkpoint is no PyTorch file (a zip archive written by torch.save)",
  );
}

/** Big-endian machines write their own byte order; old files do not say, and are little-endian. */
function checkByteOrder(bytes: Uint8Array, name: string): void {
  const file = unpack(bytes, new Set([name])).get(name);
  const order = file === undefined ? "little" : new TextDecoder().decode(file);
  if (order !== "little") {
    throw new CaseError(
      "model",
      `the checkpoint's byte order is ${quote(order)}, not "little"`,
    );
  }
}

/** Names and sizes of all entries. */
function listEntries(bytes: Uint8Array): Map<string, number> {
  const sizes = new Map<string, number>();
  let total = 0;
  walk(bytes, ({ name, size, originalSize, compression }) => {
    if (compression !== 0) {
      throw new CaseError(
        "model",
        `the checkpoint's archive has the compressed file ${
          quote(name)
        }, and PyTorch stores files as they are`,
      );
    }
    total += size;
    if (
      sizes.has(name) || size !== originalSize || total > bytes.length ||
      sizes.size >= MAX_ENTRIES
    ) {
      throw new CaseError(
        "model",
        `the checkpoint's archive's directory is corrupt at the file ${
          quote(name)
        }`,
      );
    }
    sizes.set(name, size);
    return false;
  });
  return sizes;
}

function unpack(
  bytes: Uint8Array,
  names: ReadonlySet<string>,
): Map<string, Uint8Array> {
  const sizes = new Map<string, number>();
  const files = walk(bytes, ({ name, size }) => {
    if (!names.has(name)) return false;
    sizes.set(name, size);
    return true;
  });
  for (const [name, file] of files) {
    const missing = sizes.get(name)! - file.length;
    if (missing > 0) {
      throw new CaseError(
        "model",
        `the checkpoint's archive is cut short: the file ${
          quote(name)
        } lacks ${missing} bytes`,
      );
    }
  }
  return files;
}

function walk(
  bytes: Uint8Array,
  filter: (file: UnzipFileInfo) => boolean,
): Map<string, Uint8Array> {
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (cause) {
    if (cause instanceof CaseError) throw cause;
    throw new CaseError(
      "model",
      "the checkpoint's archive cannot be read: the directory at its end is missing or corrupt (is the file cut short?)",
      { cause },
    );
  }
}
