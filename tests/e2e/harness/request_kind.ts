/**
 * What a request is about, for faults that every kind of request shall meet.
 * @module
 */
import type { S3Request } from "../../support/s3_fault_proxy.ts";

/** Such as `PUT results`, `GET scans` or `list results`. */
export function kindOf({ method, key, query }: S3Request): string {
  if (key === "") {
    const prefix = query.get("prefix");
    return prefix === null
      ? `${method} bucket`
      : `list ${folderOf(`${prefix}*`)}`;
  }
  return `${method} ${folderOf(key)}`;
}

/** The folder within a run or a place, or the file's own name where it lies in none. */
function folderOf(key: string): string {
  const inner = key.replace(/^harness\/[^/]+\//, "")
    .replace(/^runs\/[^/]+\//, "");
  if (inner.startsWith(".uptake-probe-")) return "probe";
  return inner.split("/", 1)[0]!;
}
