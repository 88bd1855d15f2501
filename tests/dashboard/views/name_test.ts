/** @module Where names in lists may break. */
import { expect } from "@std/expect";
import { Name } from "../../../dashboard/views/name.tsx";

const shown = (text: string) => String(Name({ children: text }));

Deno.test("Name() keeps 28 characters on a line, and lets one more break", () => {
  expect(shown("a".repeat(28))).toContain('class="short-name"');
  expect(shown("a".repeat(29))).toContain('class="long-name"');
});

Deno.test("Name() breaks after signs that part a name, never before or between them", () => {
  expect(shown("phantom_0002")).toContain(">phantom_<wbr>0002<");
  expect(shown("s3://b/a.nii")).toContain(">s3://<wbr>b/<wbr>a.<wbr>nii<");
  expect(shown("__end_")).toContain(">__<wbr>end_<");
});

Deno.test("Name() shows a name that looks like markup as it is", () => {
  expect(shown("<b>_x")).toContain("&lt;b&gt;_<wbr>x");
});
