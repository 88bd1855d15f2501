import { FileStore } from "../../../shared/storage/file_store.ts";
import { testContract } from "./contract.ts";

async function withFolder(
  fn: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-test-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testContract((name, fn) =>
  Deno.test(`FileStore ${name}`, () =>
    withFolder((folder) => fn(new FileStore(`${folder}/store`))))
);
