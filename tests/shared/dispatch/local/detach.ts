/** @module A program that starts a detached worker, prints its pid and exits: `<folder> <script>`. */
import { createLocalDispatcher } from "../../../../shared/dispatch/local/dispatcher.ts";

const [folder = "", script = ""] = Deno.args;
const dispatcher = createLocalDispatcher({
  command: ["sh", "-c", script, "worker"],
  cwd: folder,
  output: { logFolder: folder, detached: true },
});
const { id } = await dispatcher.start(
  { runs: [folder], workers: 1, sharded: false },
  new AbortController().signal,
);
console.log(id);
