/**
 * One of several processes that create the same keys in a folder; prints those it made.
 * Arguments: the folder, its own name, the number of keys, the bytes of an object.
 * @module
 */
import { FileStore } from "../../../shared/storage/file_store.ts";

const [folder = "", name = "", keys = "", bytes = ""] = Deno.args;
const store = new FileStore(folder);
const body = new Uint8Array(Number(bytes)).fill(name.charCodeAt(0));
const made: string[] = [];
for (let i = 0; i < Number(keys); i++) {
  if (await store.create(`records/${i}`, body)) made.push(String(i));
}
console.log(made.join(" "));
