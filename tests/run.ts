/**
 * Runs every test and ends with one line that counts them: `N passed, N failed, N skipped`.
 * Starts two S3 servers for the storage tests where they can be had; with `CI=true` they must be.
 * @module
 */
import { prepareS3 } from "./support/s3_server.ts";
import { prepareSwift } from "./support/s3_swift.ts";
import type { PreparedS3 } from "./support/s3_variables.ts";

const root = new URL("..", import.meta.url).pathname;
const report = await Deno.makeTempFile({ suffix: ".xml" });
const isCi = Deno.env.get("CI") === "true";

const servers: PreparedS3[] = [];
for (
  const [what, prepare] of [
    ["an S3 server", prepareS3],
    ["an S3 server without conditional writes", prepareSwift],
  ] as const
) {
  const server = await prepare();
  if (!("missing" in server)) {
    servers.push(server);
    continue;
  }
  console.log(`Tests that need ${what} are skipped: ${server.missing}`);
  if (isCi) {
    console.error("CI must run them: install what is missing");
    Deno.exit(1);
  }
}
let code = 1;
try {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--unstable-webgpu",
      `--junit-path=${report}`,
      ...(Deno.args.length > 0 ? Deno.args : ["tests"]),
    ],
    cwd: root,
    env: Object.assign({}, ...servers.map(({ env }) => env)),
  }).spawn();
  code = (await child.status).code;
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}

const xml = await Deno.readTextFile(report);
await Deno.remove(report);
const count = (pattern: RegExp) => (xml.match(pattern) ?? []).length;
const skipped = count(/<skipped\b/g);
const failed = count(/<(failure|error)\b/g);
const passed = count(/<testcase\b/g) - skipped - failed;
// A run that died before its report counts as a failure, whatever the report says.
const died = code !== 0 && failed === 0 ? 1 : 0;
console.log(
  `${passed} passed, ${failed + died} failed${
    skipped > 0 ? `, ${skipped} skipped` : ""
  }`,
);
Deno.exit(failed + died > 0 || passed === 0 ? 1 : 0);
