/**
 * A program: lets workers do runs below the folder that is named, on a disk that is nearly full and then is not,
 * and prints what each worker ended with as JSON.
 * @module
 */
import { FileStore } from "../../../shared/storage/file_store.ts";
import { startChecker } from "./checker.ts";
import { History } from "./history.ts";
import { newScene, withPlace } from "./scene.ts";
import { workHere } from "./worker_here.ts";

const [folder = ""] = Deno.args;
const KB = 1024;
const FILLER = `${folder}/filler`;
/** Space that is left: for nothing at all, for claims, for the one or other payload, for some of the cases. */
const LEFT_KB = [0, 8, 24, 40, 56, 72, 88, 104];

/** Takes up all the space but so much. */
async function fill(leftKb: number): Promise<void> {
  await Deno.writeFile(`${folder}/reserve`, new Uint8Array(leftKb * KB));
  using file = await Deno.open(FILLER, { write: true, create: true });
  const block = new Uint8Array(4 * KB);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if (!String(error).includes("os error 28")) throw error;
  }
  await Deno.remove(`${folder}/reserve`);
}

const ends: Record<string, unknown>[] = [];
await withPlace(null, { count: 3 }, async (place) => {
  for (const leftKb of LEFT_KB) {
    const scene = await newScene(place, {}, folder);
    const history = new History(leftKb);
    const checker = startChecker(scene, { history, isExpected: () => false });
    await fill(leftKb);
    const full = await workHere(scene, { history });
    const before = await Array.fromAsync(
      new FileStore(folder).list(""),
      ({ key }) => key.split("/")[1],
    );
    await Deno.remove(FILLER);
    const roomy = await workHere(scene, { history });
    const { results } = await checker.finish();
    ends.push({
      leftKb,
      full: full.code,
      says: full.err,
      committed: before.filter((name) => name === "results").length,
      roomy: roomy.code,
      results,
    });
    await Deno.remove(scene.location.replace("file://", ""), {
      recursive: true,
    });
  }
});
console.log(JSON.stringify(ends));
