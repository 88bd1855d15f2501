import { expect } from "@std/expect";
import { readCheckpoint } from "../../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { randomWeights } from "../../shared/engine/small_graphs.ts";
import { uptake } from "../../support/command_line.ts";
import { writeFiles } from "../../support/datasets.ts";
import { MA3DSEG_NANO } from "../../support/networks.ts";
import { stateDictFile } from "../../support/pytorch_file.ts";
import { fixture } from "../../support/requires.ts";
import { withFolder } from "../../support/temporary_folder.ts";

/** A .pth of a network that takes PET and CT. */
const PET_CT = stateDictFile(
  randomWeights(buildNetwork({ ...MA3DSEG_NANO, inChannels: 2 })),
);

/** Runs `uptake import` on a file and reads the card that it makes. */
async function importFile(file: Uint8Array<ArrayBuffer>, ...args: string[]) {
  return await withFolder(async (folder) => {
    await writeFiles(folder, { "x.pth": file });
    const ran = await uptake(folder, [
      ...["import", "x.pth", "--roi", "32,32,32", "--output", "x.safetensors"],
      ...args,
    ]);
    if (ran.code !== 0) return { ...ran, card: undefined };
    const made = await Deno.readFile(`${folder}/x.safetensors`);
    return { ...ran, card: readCheckpoint(made).card };
  });
}

Deno.test("import reads what shapes tell, and takes the rest from its options", async () => {
  const file = await Deno.readFile(fixture("network/ma3dseg_nano.pth"));
  const { code, out, card } = await importFile(
    file,
    ...["--range", "70,255", "--spacing", "4,4,4", "--orientation", "native"],
    ...["--crop", "none", "--precision", "f16", "--channels", "FDG", "--json"],
  );
  expect(code).toBe(0);
  expect(card).toEqual({
    format: 1,
    network: MA3DSEG_NANO,
    classes: ["background", "tumour"],
    channels: ["FDG"],
    preprocessing: {
      spacingMm: [4, 4, 4],
      orientation: "native",
      intensity: [{ lo: 70, hi: 255 }],
      crop: "none",
    },
    roi: [32, 32, 32],
  });
  const told = JSON.parse(out);
  expect(told.card).toEqual(card);
  expect(told.sha256).toMatch(/^[0-9a-f]{64}$/);
});

Deno.test("import takes a range per channel, or one for all", async () => {
  const pet = { lo: 0, hi: 20 };
  const ct = { lo: -175, hi: 250 };
  const two = await importFile(PET_CT, ...[
    "--range",
    "0,20",
    "--range",
    "-175,250",
  ]);
  expect(two.card?.preprocessing.intensity).toEqual([pet, ct]);
  expect(two.card?.channels).toEqual(["channel 1", "channel 2"]);
  const one = await importFile(
    PET_CT,
    "--range",
    "0,20",
    "--channels",
    "PET,CT",
  );
  expect(one.card?.preprocessing.intensity).toEqual([pet, pet]);
  expect(one.card?.channels).toEqual(["PET", "CT"]);
});

const misfits: [string, string[], string][] = [
  [
    "three ranges for two channels",
    ["--range", "0,1", "0,2", "0,3"],
    "preprocessing.intensity: the network takes 2, and there are 3",
  ],
  [
    "one channel name for two channels",
    ["--range", "0,1", "--channels", "PET"],
    "channels: the network takes 2, and there are 1",
  ],
  ["three class names for two classes", [
    "--range",
    "0,1",
    "--classes",
    "a,b,c",
  ], "classes: the network takes 2, and there are 3"],
  [
    "a window the network cannot take",
    ["--range", "0,1", "--roi", "33,32,32"],
    "roi",
  ],
];
for (const [what, args, message] of misfits) {
  Deno.test(`import refuses ${what}`, async () => {
    const { code, err } = await importFile(PET_CT, ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
}

const unreadable: [string, Uint8Array<ArrayBuffer>, string][] = [
  ["a file that is cut short", PET_CT.slice(0, PET_CT.length / 2), ""],
  [
    "a file that is no checkpoint",
    new TextEncoder().encode("a".repeat(400)),
    "",
  ],
  ["an empty file", new Uint8Array(), ""],
];
for (const [what, file] of unreadable) {
  Deno.test(`import cannot read ${what}, and says so`, async () => {
    const { code, err, out } = await importFile(file, "--range", "0,1");
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^Cannot read x\.pth: /);
    expect(err).not.toMatch(/^ +at /m);
  });
}

Deno.test("import refuses the other network's parameters", async () => {
  const { code, err } = await importFile(
    PET_CT,
    ...["--range", "0,1", "--network", "uxnet3d"],
  );
  expect(code).toBe(1);
  expect(err).toContain("dwconv");
});
