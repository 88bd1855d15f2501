import { expect } from "@std/expect";
import fc from "fast-check";
import { csvLine } from "../../../dashboard/exports/csv.ts";

Deno.test("csvLine() quotes what would end a cell, and leaves out what is not there", () => {
  expect(csvLine(["a", 'say "b"', "c,d", "e\nf", null, undefined, 0.1, -2]))
    .toBe('a,"say ""b""","c,d","e\nf",,,0.1,-2\r\n');
});

Deno.test("csvLine() lets no text be taken for a formula", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "＝"]) {
    const line = csvLine([`${start}HYPERLINK("http://a")`]);
    expect(line.replace(/^"/, "").startsWith(`'${start}`)).toBe(true);
  }
});

Deno.test("csvLine() keeps a text in one cell, whatever is in it", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (...texts) => {
    const cells = cellsOf(csvLine(texts));
    expect(cells).toHaveLength(2);
    texts.forEach((text, n) => expect([text, `'${text}`]).toContain(cells[n]));
  }));
});

/** The cells of a line as RFC 4180 reads them. */
function cellsOf(line: string): string[] {
  const cells = [""];
  let isQuoted = false;
  for (let at = 0; at < line.length - "\r\n".length; at++) {
    const sign = line[at]!;
    const last = cells.length - 1;
    if (sign === '"' && isQuoted && line[at + 1] === '"') {
      cells[last] += '"';
      at++;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (sign === "," && !isQuoted) cells.push("");
    else cells[last] += sign;
  }
  return cells;
}
