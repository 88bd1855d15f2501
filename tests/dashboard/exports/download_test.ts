/** @module CSV as every export writes it, read back as RFC 4180 says. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { Hono } from "hono";
import type { Cell } from "../../../dashboard/exports/csv.ts";
import { csvFile } from "../../../dashboard/exports/download.ts";
import { bearer } from "../../support/dashboard.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";
import { UNLABELLED_RUN } from "../../support/results_home.ts";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** The bytes of a table as it is sent. */
async function sent(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<Uint8Array> {
  const app = new Hono().get("/", (c) => csvFile(c, "a.csv", { head, rows }));
  return (await app.request("/")).bytes();
}

/** Rows of cells; a file without line ends has none. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let cells = [""];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    const last = cells.length - 1;
    if (sign === '"' && isQuoted && text[at + 1] === '"') {
      cells[last] += '"';
      at++;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) cells[last] += sign;
    else if (sign === ",") cells.push("");
    else if (sign === "\r" && text[at + 1] === "\n") {
      rows.push(cells);
      cells = [""];
      at++;
    } else cells[last] += sign;
  }
  return rows;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.tuple(
    fc.constantFrom(..."=+-@\t\r\n\"',;＝＋－＠"),
    fc.string({ unit: "grapheme" }),
  ).map((parts) => parts.join("")),
);
const cell = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.constant(undefined),
);

Deno.test("csvFile() keeps each cell in its place, marks what a spreadsheet would take for a formula, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      async (rows) => {
        const bytes = await sent(["a", "b", "c"], rows);
        expect([...bytes.slice(0, 3)]).toEqual(BYTE_ORDER_MARK);
        const [head, ...read] = parse(new TextDecoder().decode(bytes));
        expect(head).toEqual(["a", "b", "c"]);
        expect(read).toEqual(
          rows.map((row) =>
            row.map((one) =>
              typeof one === "string" && FORMULA.test(one)
                ? `'${one}`
                : String(one ?? "")
            )
          ),
        );
      },
    ),
  );
});

Deno.test("csvFile() sends more rows than it writes at once, each once", async () => {
  const rows = Array.from({ length: 1001 }, (_, n) => [n]);
  const read = parse(new TextDecoder().decode(await sent(["n"], rows)));
  expect(read.slice(1)).toEqual(rows.map(([n]) => [String(n)]));
});

Deno.test("every CSV of the dashboard is written alike: marked as UTF-8, typed, named, disarmed", async () => {
  const evil = "=1+1";
  const { request, tokens, post } = await resultsDashboard();
  const path = `/runs/${UNLABELLED_RUN}`;
  const saved = await post(`${path}/cases/ward%202/reviews`, {
    attempt: "attempt",
    verdict: "reject",
    reason: "other",
    comment: evil,
  });
  expect(saved.status).toBe(303);
  for (
    const [name, file] of [
      ["cases.csv", `${UNLABELLED_RUN}.csv`],
      ["reviews.csv", `${UNLABELLED_RUN}-reviews.csv`],
    ] as const
  ) {
    const answer = await request(`${path}/${name}`, {
      headers: bearer(tokens.viewer),
    });
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition"))
      .toBe(`attachment; filename="${file}"`);
    const bytes = await answer.bytes();
    expect([...bytes.slice(0, 3)]).toEqual(BYTE_ORDER_MARK);
    const [head, ...rows] = parse(new TextDecoder().decode(bytes));
    expect(head!.slice(0, 2)).toEqual(["runId", "caseId"]);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toHaveLength(head!.length);
    expect(rows.flat()).not.toContain(evil);
  }
});
