/**
 * A Dockerfile as stages, and the rules that ours keep.
 * @module
 */
import { DockerfileParser, JSONInstruction } from "dockerfile-ast";

export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  readonly text: string;
  /** The exec form's strings; undefined in the shell form. */
  readonly exec: readonly string[] | undefined;
}

export interface Stage {
  readonly name: string;
  /** The image or the earlier stage that it starts from, with arguments filled in. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

export interface ImageFile {
  /** Arguments before the first stage and their defaults. */
  readonly arguments: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

/** Reads a Dockerfile; arguments have their defaults. */
export function parseImageFile(text: string): ImageFile {
  const parsed = DockerfileParser.parse(text);
  const values = new Map<string, string>();
  for (const argument of parsed.getInitialARGs()) {
    const property = argument.getProperty();
    if (property) values.set(property.getName(), property.getValue() ?? "");
  }
  const stages: { name: string; from: string; instructions: Instruction[] }[] =
    [];
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword();
    // Unlike its arguments, an instruction's whole text holds flags such as --from.
    const content = instruction.getTextContent().replace(/^\S+\s*/, "")
      .replace(/\\\n\s*/g, "");
    if (keyword === "FROM") {
      const [from = "", , name = ""] = content.split(/\s+/);
      stages.push({
        name,
        from: from.replace(
          /\$\{(\w+)\}/g,
          (_, variable) => values.get(variable) ?? "",
        ),
        instructions: [],
      });
      continue;
    }
    const strings = instruction instanceof JSONInstruction
      ? instruction.getJSONStrings().map((string) => string.getJSONValue())
      : [];
    stages.at(-1)?.instructions.push({
      keyword,
      text: content,
      exec: strings.length > 0 ? strings : undefined,
    });
  }
  return { arguments: values, stages };
}

/** The instructions that make up a stage's configuration: those of the stages below it come first. */
export function lineage(file: ImageFile, stage: Stage): Instruction[] {
  const below = file.stages.find(({ name }) => name === stage.from);
  return [...(below ? lineage(file, below) : []), ...stage.instructions];
}

/** The last exec form of an instruction that holds in a stage. */
export function execOf(
  file: ImageFile,
  stage: Stage,
  keyword: "ENTRYPOINT" | "CMD",
): readonly string[] | undefined {
  return lineage(file, stage).filter((one) => one.keyword === keyword).at(-1)
    ?.exec;
}

const SECRET = /SECRET|PASSWORD|PASSWD|TOKEN|ACCESS_KEY|CREDENTIAL|PRIVATE/i;

/** `name:tag` with a version in the tag, perhaps with a digest behind it. */
const PINNED =
  /^[a-z0-9./-]+:[A-Za-z0-9_.-]*\d+\.\d+[A-Za-z0-9_.-]*(@sha256:[0-9a-f]{64})?$/;

/**
 * What breaks the rules of our images. Stages named in `shipped` become images, the others are only
 * built from.
 */
export function imageProblems(
  text: string,
  shipped: readonly string[],
): string[] {
  const file = parseImageFile(text);
  const problems: string[] = [];
  const names = new Set(file.stages.map(({ name }) => name));
  for (const { name, from, instructions } of file.stages) {
    if (name === "") problems.push(`a stage from ${from} has no name`);
    if (!names.has(from) && !PINNED.test(from)) {
      problems.push(`${name}: ${from} is not pinned to a version`);
    }
    for (const { keyword, text } of instructions) {
      const where = `${name}: ${keyword} ${text}`;
      if (keyword === "ADD") problems.push(`${where}: use COPY`);
      if (/^(ENV|ARG)$/.test(keyword) && SECRET.test(text)) {
        problems.push(`${where}: looks like a secret`);
      }
      if (keyword === "RUN") {
        if (/(curl|wget)[^|]*\|/.test(text)) {
          problems.push(`${where}: runs what it downloads`);
        }
        if (/apt-get install|apt install|apk add/.test(text)) {
          problems.push(`${where}: installs packages of no fixed version`);
        }
        if (/\bsudo\b|chmod\s+(-R\s+)?[0-7]*7\b/.test(text)) {
          problems.push(`${where}: gives everyone the right to write`);
        }
      }
    }
  }
  for (const name of shipped) {
    const stage = file.stages.find((stage) => stage.name === name);
    if (stage === undefined) {
      problems.push(`there is no stage ${name}`);
      continue;
    }
    problems.push(...shippedProblems(file, stage));
  }
  return problems;
}

function shippedProblems(file: ImageFile, stage: Stage): string[] {
  const problems: string[] = [];
  const all = lineage(file, stage);
  const last = (keyword: string) =>
    all.filter((one) => one.keyword === keyword).at(-1);
  const problem = (text: string) => problems.push(`${stage.name}: ${text}`);

  const user = last("USER")?.text ?? "root";
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) problem(`runs as ${user}`);
  const entry = execOf(file, stage, "ENTRYPOINT");
  if (entry === undefined) {
    problem("has no ENTRYPOINT in exec form");
  } else {
    // Deno as process 1 dies of SIGSEGV when it is asked to stop before it listens for signals.
    if (entry[0] !== "/tini") problem("tini is not process 1");
    for (const flag of ["--no-prompt", "--cached-only", "--frozen"]) {
      if (!entry.includes(flag)) problem(`runs without ${flag}`);
    }
    for (const flag of ["-A", "--allow-all", "--allow-run", "--allow-ffi"]) {
      if (entry.some((one) => one === flag || one.startsWith("--allow-run="))) {
        problem(`allows too much: ${flag}`);
      }
    }
  }
  const environment = all.filter(({ keyword }) => keyword === "ENV").map((
    { text },
  ) => text).join(" ");
  for (const setting of ["DENO_DIR=/deno-dir", "DENO_NO_UPDATE_CHECK=1"]) {
    if (!environment.includes(setting)) problem(`lacks ENV ${setting}`);
  }
  // What the container's user owns it can change, on a root that is writable after all.
  for (const { keyword, text } of all) {
    if (keyword === "COPY" && /--chown/.test(text)) {
      problem(`COPY ${text}: the program must belong to root`);
    }
    if (keyword === "RUN") problem(`RUN ${text}: build in an earlier stage`);
  }
  if (stage.name !== "dashboard") {
    for (const keyword of ["EXPOSE", "HEALTHCHECK"]) {
      if (last(keyword) !== undefined) problem(`${keyword} in a job's image`);
    }
  } else if (last("HEALTHCHECK") === undefined) {
    problem("has no HEALTHCHECK");
  }
  return problems;
}
