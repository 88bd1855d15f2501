/**
 * Finds fields that a type does not know: plain data is written out as a literal and given to the
 * type checker, which allows no excess field in one. `validate()` of `kubernetes-models` lets such pass.
 * @module
 */

export interface TypedLiteral {
  /** As in an import. */
  readonly module: string;
  readonly type: string;
  /** Plain data. */
  readonly value: unknown;
}

/** What `deno check` says of literals, or "" when each is of its type and has no further field. */
export async function literalProblems(
  literals: readonly TypedLiteral[],
): Promise<string> {
  const source = literals.map(({ module, type, value }, i) =>
    `import type { ${type} as T${i} } from "${module}";\n` +
    `export const literal${i}: T${i} = ${JSON.stringify(value, null, 2)};\n`
  ).join("");
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--quiet",
        "--config",
        new URL("../../deno.json", import.meta.url).pathname,
        file,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    return code === 0 ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(file);
  }
}
