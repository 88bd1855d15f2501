import { expect } from "@std/expect";
import { readNifti } from "../../../shared/imaging/nifti/read.ts";
import { uptake } from "../../support/command_line.ts";
import { readGolden } from "../../support/golden.ts";
import { fixture } from "../../support/requires.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const IMAGE = fixture("preprocess/phantom_lps.nii.gz");

Deno.test("preprocess writes what the golden data expects", async () => {
  await withFolder(async (folder) => {
    const { code } = await uptake(folder, [
      ...["preprocess", IMAGE, "--spacing", "3,3,3", "--range", "0,8"],
      ...["--output", "seen.nii.gz"],
    ]);
    expect(code).toBe(0);
    const { volume } = readNifti(
      await Deno.readFile(`${folder}/seen.nii.gz`),
    );
    const expected = readGolden(
      fixture("preprocess/phantom_lps.expected.safetensors"),
    );
    const image = expected.tensor("image");
    expect([...volume.shape]).toEqual([...image.shape]);
    let largest = 0;
    volume.data.forEach((value, n) => {
      largest = Math.max(largest, Math.abs(value - image.data[n]!));
    });
    expect(largest).toBeLessThan(1e-4);
  });
});

Deno.test("preprocess tells shape and affine of what it wrote as JSON", async () => {
  await withFolder(async (folder) => {
    const { code, out } = await uptake(folder, [
      ...["preprocess", IMAGE, "--range", "0,8", "--crop", "none", "--json"],
      ...["--orientation", "native", "--output", "seen.nii.gz"],
    ]);
    expect(code).toBe(0);
    const told = JSON.parse(out);
    const { volume } = readNifti(await Deno.readFile(`${folder}/seen.nii.gz`));
    const original = readNifti(await Deno.readFile(IMAGE)).volume;
    expect(told.output).toMatch(/^file:.*seen\.nii\.gz$/);
    expect(told.shape).toEqual(volume.shape);
    expect(volume.shape).toEqual(original.shape);
    expect(volume.affine).toEqual(original.affine);
  });
});

const refused: [string, string[], string][] = [
  ["a range upside down", ["--range", "8,0"], "two numbers, the lower first"],
  [
    "a spacing of two numbers",
    ["--range", "0,8", "--spacing", "4,4"],
    "native, or three positive numbers",
  ],
  [
    "an output of another kind",
    ["--range", "0,8", "--output", "x.nii"],
    ".nii.gz",
  ],
  [
    "a folder for a file",
    ["--range", "0,8", "--output", "x.nii.gz/"],
    ".nii.gz",
  ],
];
for (const [what, args, message] of refused) {
  Deno.test(`preprocess refuses ${what}`, async () => {
    const { code, err } = await uptake("/nowhere", [
      ...["preprocess", IMAGE, "--output", "seen.nii.gz", ...args],
    ]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
}

Deno.test("preprocess never writes over the scan that it reads", async () => {
  await withFolder(async (folder) => {
    const scan = await Deno.readFile(
      fixture("preprocess/phantom_lps.nii.gz"),
    );
    await Deno.writeFile(`${folder}/scan.nii.gz`, scan);
    const { code, err } = await uptake(folder, [
      ...["preprocess", "scan.nii.gz", "--range", "0,8"],
      ...["--output", `${folder}/scan.nii.gz`],
    ]);
    expect(code).toBe(2);
    expect(err).toContain("--output is scan.nii.gz itself");
    expect(await Deno.readFile(`${folder}/scan.nii.gz`)).toEqual(scan);
  });
});
