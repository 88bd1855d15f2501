/**
 * Runs every test and ends with one line that counts them: `N passed, N failed, N skipped`.
 * Starts an S3 server for the storage tests where one can be had; with `CI=true` it must be.
 * @module
 */
import { prepareS3 } from "./support/s3_server.ts";

const root = new URL("..", import.meta.url).pathname;
const report = await Deno.makeTempFile({ suffix: ".xml" });
const isCi = Deno.env.get("CI") === "true";

const s3 = await prepareS3();
if ("missing" in s3) {
  console.log(`Tests that need an S3 server are skipped: ${s3.missing}`);
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
    env: "missing" in s3 ? {} : s3.env,
  }).spawn();
  code = (await child.status).code;
} finally {
  if (!("missing" in s3)) await s3.stop();
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
