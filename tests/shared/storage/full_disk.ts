/**
 * Fills a small disk: writes objects below the folder that is named until one fails, then prints
 * what it saw as JSON.
 * @module
 */
import { CaseError } from "../../../shared/case_error.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";

const [folder = ""] = Deno.args;
const store = new FileStore(folder);
await store.put("kept", new Uint8Array(1000).fill(1));
let failure = "";
for (let i = 0; failure === ""; i++) {
  try {
    await store.put(`large/${i}`, new Uint8Array(300_000).fill(2));
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    failure = `${error.kind}: ${error.message}`;
  }
}
let replaced = true;
try {
  await store.put("kept", new Uint8Array(300_000).fill(3));
} catch {
  replaced = false;
}
const sizes = (await Array.fromAsync(store.list(""))).map((
  { key, bytes },
) => [key, bytes]);
const names = Array.from(
  Deno.readDirSync(`${folder}/large`),
  ({ name }) => name,
);
console.log(JSON.stringify({ failure, replaced, sizes, names }));
