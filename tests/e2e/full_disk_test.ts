/** @module Workers of a run in a folder whose disk is full. */
import { expect } from "@std/expect";

const IN_NAMESPACE = ["--user", "--map-root-user", "--mount", "sh", "-c"];
const MOUNT = "mount -t tmpfs -o size=2m none /mnt";
const PROGRAM = new URL("harness/full_disk_run.ts", import.meta.url).pathname;

async function unshare(script: string, ...args: string[]) {
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [...IN_NAMESPACE, script, ...args],
    }).output();
    const text = new TextDecoder();
    return { success, out: text.decode(stdout), err: text.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, out: "", err: "there is no unshare" };
  }
}

const mountsSmallDisk = (await unshare(MOUNT)).success;

Deno.test({
  name: mountsSmallDisk
    ? "workers on a full disk end with 75, leave nothing half-written, and go on when there is room"
    : "workers on a full disk [skipped: no user namespaces here]",
  ignore: !mountsSmallDisk,
  fn: async () => {
    const run = `${MOUNT} && exec "$0" run -A --unstable-webgpu "$@"`;
    const { out, err } = await unshare(run, Deno.execPath(), PROGRAM, "/mnt");
    expect(err).not.toContain("Violation");
    const ends = JSON.parse(out || "null");
    for (const end of ends) {
      expect(end).toMatchObject({ roomy: 0, results: 3 });
    }
    const full = ends.filter(({ full }: { full: number }) => full !== 0);
    expect(full.length).toBeGreaterThan(3);
    for (const end of full) expect(end).toMatchObject({ full: 75 });
    // The disk was full at different steps.
    const committed = ends.map(({ committed }: { committed: number }) =>
      committed
    );
    expect(new Set(committed).size).toBeGreaterThan(1);
  },
});
