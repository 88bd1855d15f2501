/** @module The dashboard with what operators do, by the real operations over a folder, without a socket. */
import { expect } from "@std/expect";
import { storeOpener } from "../../jobs/cli/context.ts";
import type { OperationsOptions } from "../../jobs/batch/dashboard_operations.ts";
import type { Operations } from "../../shared/dispatch/operations.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { bearer, ORIGIN, testDashboard } from "./dashboard.ts";
import { memoryStore } from "./memory_store.ts";
import { operationsOf } from "./operations.ts";
import { wordsOf } from "./results_dashboard.ts";

export type Fields = Record<string, string | readonly string[]>;

/**
 * @param folder as `withDataset` makes it; the home is in it
 * @param changes of the operations
 */
export async function operationsDashboard(
  folder: string,
  options: Partial<OperationsOptions> = {},
  changes: Partial<Operations> = {},
) {
  const operations = { ...operationsOf(folder, options), ...changes };
  const openFolder = storeOpener(folder, {});
  const dashboard = await testDashboard({
    home: new FileStore(`${folder}/home`),
    changes: {
      operations,
      // Buckets are empty here.
      open: (location): ObjectStore =>
        location.startsWith("s3:") ? memoryStore() : openFolder(location),
    },
  });
  const token = bearer(dashboard.tokens.operator);
  const headers = {
    ...token,
    accept: "text/html",
    origin: ORIGIN,
    "sec-fetch-site": "same-origin",
  };
  const get = (path: string) => dashboard.request(path, { headers });
  return {
    ...dashboard,
    get,
    words: async (path: string) => wordsOf(await (await get(path)).text()),
    /** Sends a form as a page does. */
    post: (path: string, fields: Fields) =>
      dashboard.request(path, {
        method: "POST",
        headers,
        body: new URLSearchParams(
          Object.entries(fields).flatMap(([name, given]) =>
            [given].flat().map((value) => [name, value])
          ),
        ),
      }),
    /** Sends JSON as a program does: with a token, and no origin. */
    send: (
      path: string,
      body: unknown,
      more: Readonly<Record<string, string>> = {},
    ) =>
      dashboard.request(path, {
        method: "POST",
        headers: { ...token, "content-type": "application/json", ...more },
        body: JSON.stringify(body),
      }),
    upload: (query: string, body: Uint8Array<ArrayBuffer>) =>
      dashboard.request(`/api/v1/checkpoints?${query}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/octet-stream" },
        body,
      }),
  };
}

export type OperationsDashboard = Awaited<
  ReturnType<typeof operationsDashboard>
>;

/** Registers the folder's checkpoint. Returns what a form for its dataset is filled in with. */
export async function registered(
  folder: string,
  { upload }: OperationsDashboard,
): Promise<{ dataset: string; checkpoint: string }> {
  const file = await Deno.readFile(`${folder}/nano.safetensors`);
  const answer = await upload("name=nano&family=tiny&fold=0", file);
  expect(answer.status).toBe(201);
  const { sha256 } = await answer.json();
  return { dataset: `file://${folder}/data`, checkpoint: String(sha256) };
}

/** The ids of the home's runs. */
export function runsIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(`${folder}/home/runs`)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The id of a plan from where its form leads. */
export async function planned(
  dashboard: OperationsDashboard,
  fields: Fields,
): Promise<string> {
  const answer = await dashboard.post("/submit", fields);
  expect(`${answer.status} ${wordsOf(await answer.text())}`).toBe("303 ");
  return answer.headers.get("location")!.split("plan=")[1]!;
}
