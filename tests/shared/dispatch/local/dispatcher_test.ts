import { expect } from "@std/expect";
import {
  createLocalDispatcher,
  type LocalOptions,
} from "../../../../shared/dispatch/local/dispatcher.ts";
import { fakeClock } from "../../../support/fake_clock.ts";
import { withFolder } from "../../../support/temporary_folder.ts";

const never = new AbortController().signal;
const ONE_RUN = { runs: ["/runs/r"], sharded: false };

/** Workers that run a shell script; what the dispatcher adds are its arguments. */
function scripted(script: string, options: Partial<LocalOptions> = {}) {
  const lines: string[] = [];
  const dispatcher = createLocalDispatcher({
    command: ["sh", "-c", script, "worker"],
    output: { onLine: (index, line) => void lines.push(`${index}: ${line}`) },
    clock: fakeClock(),
    ...options,
  });
  return { dispatcher, lines };
}

Deno.test("createLocalDispatcher() gives each worker its arguments, index and count", async () => {
  const { dispatcher, lines } = scripted(
    'echo "$* $UPTAKE_WORKER_INDEX/$UPTAKE_WORKER_COUNT $EXTRA"; echo more >&2',
    { env: { EXTRA: "x" } },
  );
  const dispatched = await dispatcher.start(
    { runs: ["/runs/a b"], workers: 2, sharded: true },
    never,
  );
  expect(await dispatched.ended(never))
    .toEqual({ ok: true, detail: "all 2 workers ended well" });
  expect(dispatched.description).toMatch(/^2 local workers \(pid \d+, \d+\)$/);
  expect(lines.sort()).toEqual([
    "0: more",
    "0: work --run /runs/a b --shard auto 0/2 x",
    "1: more",
    "1: work --run /runs/a b --shard auto 1/2 x",
  ]);
});

Deno.test("createLocalDispatcher() starts a killed worker again, which goes on", async () => {
  await withFolder(async (cwd) => {
    // The first worker kills itself, once.
    const { dispatcher, lines } = scripted(
      '[ $UPTAKE_WORKER_INDEX = 0 ] && mkdir been 2> /dev/null && kill -KILL $$; echo "went on"',
      { cwd },
    );
    const dispatched = await dispatcher.start(
      { ...ONE_RUN, workers: 2 },
      never,
    );
    expect((await dispatched.ended(never)).ok).toBe(true);
    expect(lines.sort()).toEqual(["0: went on", "1: went on"]);
  });
});

Deno.test("createLocalDispatcher() lets the others go on when one fails", async () => {
  const { dispatcher, lines } = scripted(
    'if [ $UPTAKE_WORKER_INDEX = 1 ]; then echo "a defect" >&2; exit 1; fi; sleep 0.2; echo late',
  );
  const dispatched = await dispatcher.start({ ...ONE_RUN, workers: 3 }, never);
  expect(await dispatched.ended(never)).toEqual({
    ok: false,
    detail:
      "2 of 3 workers ended well; worker 1 ended with exit code 1: a defect",
  });
  expect(lines.sort()).toEqual(["0: late", "1: a defect", "2: late"]);
});

Deno.test("createLocalDispatcher() stops all when one finds its configuration wrong", async () => {
  const { dispatcher } = scripted(
    'if [ $UPTAKE_WORKER_INDEX = 1 ]; then echo "Cannot use cuda: there is none" >&2; exit 78; fi; exec sleep 60',
  );
  const dispatched = await dispatcher.start({ ...ONE_RUN, workers: 2 }, never);
  expect(await dispatched.ended(never)).toEqual({
    ok: false,
    detail:
      "0 of 2 workers ended well; worker 1 ended with exit code 78: Cannot use cuda: there is none",
  });
});

Deno.test("createLocalDispatcher() lets other runs go on when one finds its configuration wrong", async () => {
  // The healthy worker waits for the file that the other leaves behind, and then long enough to be told to stop.
  await withFolder(async (cwd) => {
    const { dispatcher, lines } = scripted(
      "if [ $UPTAKE_WORKER_INDEX = 1 ]; then touch wrong; exit 78; fi; until [ -e wrong ]; do sleep 0.02; done; sleep 0.5; echo late",
      { cwd },
    );
    const dispatched = await dispatcher.start(
      { runs: ["/runs/a", "/runs/b"], workers: 2, sharded: false },
      never,
    );
    expect(await dispatched.ended(never)).toEqual({
      ok: false,
      detail: "1 of 2 workers ended well; worker 1 ended with exit code 78",
    });
    expect(lines).toEqual(["0: late"]);
  });
});

Deno.test("stop() reaches a worker's own children, and one that ignores SIGTERM", async () => {
  await withFolder(async (cwd) => {
    const { dispatcher, lines } = scripted(
      "trap '' TERM; sleep 60 & echo $!; wait; wait; sleep 60",
      { cwd },
    );
    const dispatched = await dispatcher.start(
      { ...ONE_RUN, workers: 1 },
      never,
    );
    while (lines.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await dispatched.stop();
    await dispatched.stop();
    expect(await dispatched.ended(never)).toEqual({
      ok: false,
      detail: "0 of 1 workers ended well; worker 0 was killed by SIGKILL",
    });
    const child = Number(lines[0]!.split(" ")[1]);
    // Only the worker's own end is waited for; its children die of the same signal, each in its time.
    const deadlineMs = performance.now() + 60_000;
    while (isAlive(child) && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(isAlive(child)).toBe(false);
  });
});

Deno.test("ended() stops waiting when its signal says so, and the workers go on", async () => {
  const { dispatcher } = scripted("exec sleep 60");
  const dispatched = await dispatcher.start({ ...ONE_RUN, workers: 1 }, never);
  const reason = new Error("enough");
  await expect(dispatched.ended(AbortSignal.abort(reason))).rejects.toBe(
    reason,
  );
  expect(isAlive(Number(dispatched.id))).toBe(true);
  await dispatched.stop();
});

Deno.test("start() starts nothing for a contradictory order, or after an abort", async () => {
  const { dispatcher, lines } = scripted("echo started");
  await expect(dispatcher.start({ ...ONE_RUN, workers: 0 }, never))
    .rejects.toThrow(RangeError);
  const reason = new Error("enough");
  await expect(
    dispatcher.start({ ...ONE_RUN, workers: 1 }, AbortSignal.abort(reason)),
  ).rejects.toBe(reason);
  expect(lines).toEqual([]);
});

Deno.test("start() tells which program it cannot start", async () => {
  const { dispatcher } = scripted("", { command: ["/no/such/program"] });
  await expect(dispatcher.start({ ...ONE_RUN, workers: 2 }, never))
    .rejects.toThrow('Cannot start a worker with "/no/such/program": ');
});

Deno.test("createLocalDispatcher() adds to log files, and reads a failure's sentence from them", async () => {
  await withFolder(async (folder) => {
    const logFolder = `${folder}/logs`;
    const { dispatcher } = scripted(
      'echo "said by $UPTAKE_WORKER_INDEX" >&2; exit 1',
      {
        output: { logFolder, detached: false },
      },
    );
    for (let i = 0; i < 2; i++) {
      const dispatched = await dispatcher.start(
        { ...ONE_RUN, workers: 2 },
        never,
      );
      expect((await dispatched.ended(never)).detail).toBe(
        "0 of 2 workers ended well; worker 0 ended with exit code 1: said by 0",
      );
    }
    expect(await Deno.readTextFile(`${logFolder}/worker-1.log`))
      .toBe("said by 1\nsaid by 1\n");
  });
});

Deno.test("detached workers survive the end of who started them", async () => {
  await withFolder(async (folder) => {
    // The worker waits for a file, which nobody makes before its parent is gone; two minutes at most.
    const script =
      'for i in $(seq 6000); do [ -e go ] && echo "went on" && touch done && exit; sleep 0.02; done';
    const parent = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        new URL("detach.ts", import.meta.url).pathname,
        folder,
        script,
      ],
    });
    const { code, stdout, stderr } = await parent.output();
    expect(new TextDecoder().decode(stderr)).toBe("");
    expect(code).toBe(0);
    const pid = Number(new TextDecoder().decode(stdout));
    expect(isAlive(pid)).toBe(true);

    await Deno.writeTextFile(`${folder}/go`, "");
    const deadlineMs = performance.now() + 60_000;
    while (
      !await exists(`${folder}/done`) && performance.now() < deadlineMs
    ) await new Promise((resolve) => setTimeout(resolve, 10));
    const log = await Deno.readTextFile(`${folder}/worker-0.log`);
    expect(log).toBe("went on\n");
  });
});

function isAlive(pid: number): boolean {
  try {
    // State Z: dead, but nobody has asked how it ended.
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
