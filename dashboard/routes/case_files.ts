/**
 * The files of a case, passed on from the stores that its records name: browsers never reach a store themselves.
 * @module
 */
import type { Context } from "hono";
import {
  type CaseFile,
  type CaseFileKind,
  findCaseFile,
  type FoundFile,
} from "../cases/case_files.ts";
import { MOST_BYTES } from "../cases/limits.ts";
import { createFileReader, type FileReader } from "../cases/read_file.ts";
import { requestedRange } from "../cases/requested_range.ts";
import { CaseError } from "../../shared/case_error.ts";
import { readNiftiHeader } from "../../shared/imaging/nifti/read.ts";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { type Access, type Route, route } from "../security/access.ts";

/** The last part of a file's address. */
const NAMES: Readonly<Record<CaseFileKind, string>> = Object.freeze({
  image: "image",
  label: "label",
  mask: "mask",
  picture: "mip.png",
});

/** Enough to unpack any header from. */
const START_BYTES = 64 * 1024;

export function caseFileUrl(
  runId: string,
  caseId: string,
  kind: CaseFileKind,
): string {
  return `/runs/${encodeURIComponent(runId)}/cases/${
    encodeURIComponent(caseId)
  }/${NAMES[kind]}`;
}

export function caseFileRoutes(deps: DashboardDeps): Route[] {
  const reader = createFileReader();
  const volume: Access = { role: "viewer", rate: "heavy", audit: "view" };
  const picture: Access = { ...volume, rate: "light" };
  const kinds: CaseFileKind[] = ["image", "label", "mask", "picture"];
  return kinds.map((kind) =>
    route(
      "GET",
      `/runs/:runId/cases/:caseId/${NAMES[kind]}`,
      kind === "picture" ? picture : volume,
      async (c) => {
        const { runId, caseId } = c.req.param();
        const file = await findCaseFile(deps, runId!, caseId!, kind);
        return await answer(c, reader, kind, file, deps.signal);
      },
    )
  );
}

async function answer(
  c: Context<Env>,
  reader: FileReader,
  kind: CaseFileKind,
  file: FoundFile | null,
  signal: AbortSignal,
): Promise<Response> {
  if (file === null) return missing(c, kind, `This case has no ${kind}`);
  if ("refused" in file) return problem(c, 403, file.refused);
  const { store, key, sha256, contentType } = file;
  const start = await store.peek(key, START_BYTES, signal);
  if (start === null) {
    return missing(
      c,
      kind,
      "The file that the record names is not in its store",
    );
  }
  const { bytes, body: startBytes } = start;
  if (!isImage(kind, startBytes)) {
    return problem(c, 422, `The file of the ${kind} is no image`);
  }
  c.header("Accept-Ranges", "bytes");
  const wanted = requestedRange(c.req.header("range"), bytes);
  if (wanted === "outside") {
    c.header("Content-Range", `bytes */${bytes}`);
    return problem(c, 416, "The file has no such bytes");
  }
  const range = wanted ?? { start: 0, end: bytes };
  if (range.end - range.start > MOST_BYTES) {
    return problem(c, 413, "The file is too large to be shown");
  }
  if (sha256 !== null) c.header("ETag", `"${sha256}"`);
  c.header("Content-Type", contentType);
  c.header("Content-Disposition", disposition(file));
  c.header("Content-Length", String(range.end - range.start));
  if (wanted !== null) {
    c.header(
      "Content-Range",
      `bytes ${range.start}-${range.end - 1}/${bytes}`,
    );
  }
  const status = wanted === null ? 200 : 206;
  if (c.req.method === "HEAD") return c.body(null, status);
  const isWhole = range.start === 0 && range.end === bytes;
  const body = reader.stream({
    store,
    key,
    range,
    sha256: isWhole ? sha256 : null,
  });
  return c.body(body, status);
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file starts as its kind does: a record may name any file. */
function isImage(kind: CaseFileKind, start: Uint8Array): boolean {
  if (kind === "picture") return PNG_SIGNATURE.every((b, i) => start[i] === b);
  try {
    readNiftiHeader(start, { maxVoxels: Number.MAX_SAFE_INTEGER });
    return true;
  } catch (error) {
    if (error instanceof CaseError) return false;
    throw error;
  }
}

/** Names of ids hold any character: those that headers cannot hold stand percent-encoded (RFC 6266). */
function disposition({ contentType, fileName }: CaseFile): string {
  const way = contentType === "image/png" ? "inline" : "attachment";
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, "_");
  const encoded = encodeURIComponent(fileName)
    .replace(
      /['()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return `${way}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** Empty, so that a list shows a quiet field instead of a browser's sign for what is broken. */
const NO_PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="56" height="96"/>';

function missing(
  c: Context<Env>,
  kind: CaseFileKind,
  message: string,
): Response {
  const wantsPicture = c.req.header("accept")?.startsWith("image/") ?? false;
  if (kind !== "picture" || !wantsPicture) return problem(c, 404, message);
  c.header("Content-Type", "image/svg+xml");
  return c.body(NO_PICTURE, 404);
}

function problem(
  c: Context<Env>,
  status: 403 | 404 | 413 | 416 | 422,
  message: string,
): Response {
  const requestId = c.get("requestId");
  return c.json({ error: { status, message, requestId } }, status);
}
