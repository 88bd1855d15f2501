/** @module The rooms of the project: who may import whom, and what pure rooms may touch. */
import { expect } from "@std/expect";
import { walkSync } from "./support/walk.ts";

/** A room of `shared` imports only itself and rooms before it. */
const ROOMS = [
  "imaging",
  "metrics",
  "network",
  "engine",
  "storage",
  "datasets",
  "runs",
  "dispatch",
  "catalog",
];
const PURE_ROOMS = ["imaging", "metrics", "network"];

const root = new URL("..", import.meta.url);
const sources = ["jobs", "dashboard", "shared"].flatMap((folder) =>
  walkSync(new URL(`${folder}/`, root)).map((file) => ({
    path: file.pathname.slice(root.pathname.length),
    file,
    text: Deno.readTextFileSync(file),
  }))
);

/** Project files that a source imports, relative to the root. */
function importsOf({ file, text }: typeof sources[number]): string[] {
  return [...text.matchAll(/(?:from|import|import\()\s*"(\.[^"]+)"/g)].map((
    match,
  ) => new URL(match[1]!, file).pathname.slice(root.pathname.length));
}

Deno.test("the sources are found", () => {
  expect(sources.length).toBeGreaterThan(50);
});

Deno.test("shared imports neither jobs nor dashboard, which never import each other", () => {
  const wrong = sources.flatMap((source) =>
    importsOf(source).filter((target) => {
      const [from] = source.path.split("/");
      const [to] = target.split("/");
      return to !== "shared" && to !== from;
    }).map((target) => `${source.path} imports ${target}`)
  );
  expect(wrong).toEqual([]);
});

Deno.test("a room of shared imports only rooms listed before it", () => {
  const wrong = sources.flatMap((source) => {
    const [top, room = ""] = source.path.split("/");
    if (top !== "shared" || !ROOMS.includes(room)) return [];
    return importsOf(source).filter((target) => {
      const [, other = ""] = target.split("/");
      return ROOMS.indexOf(other) > ROOMS.indexOf(room);
    }).map((target) => `${source.path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

Deno.test("pure rooms touch no disk, no network and no clock", () => {
  const wrong = sources.filter(({ path, text }) =>
    PURE_ROOMS.includes(path.split("/")[1] ?? "") &&
    path.startsWith("shared/") &&
    /\bDeno\.|\bfetch\(|\bDate\b|performance\.now|node:(fs|http|net)\b/.test(
      text,
    )
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

Deno.test("no module imports itself through others", () => {
  const graph = new Map(
    sources.map((source) => [source.path, importsOf(source)]),
  );
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});
