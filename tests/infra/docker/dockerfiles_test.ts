/** @module The Dockerfiles keep the rules of our images, and breaking one is noticed. */
import { expect } from "@std/expect";
import { execOf, imageProblems, parseImageFile } from "./dockerfile.ts";
import { IMAGES, readImageFile, ROOT } from "./images.ts";

for (const { file, stages } of IMAGES) {
  Deno.test(`${file} keeps every rule`, () => {
    expect(imageProblems(readImageFile(file), stages)).toEqual([]);
  });
}

const PLANTED: readonly [rule: string, from: string | RegExp, to: string][] = [
  ["runs as", /USER 65532:65532/, "USER root"],
  ["runs as", /USER 65532:65532\n/, ""],
  ["runs as", /USER 65532:65532/, "USER 0:0"],
  ["not pinned", "distroless-2.9.6", "distroless"],
  [
    "not pinned",
    "ARG DENO_IMAGE=denoland/deno:debian-2.9.6",
    "ARG DENO_IMAGE=denoland/deno:latest",
  ],
  [
    "not pinned",
    "ARG DENO_IMAGE=denoland/deno:debian-2.9.6",
    "ARG DENO_IMAGE=denoland/deno",
  ],
  ["use COPY", "COPY . .", "ADD https://example.org/x.tar /app"],
  ["looks like a secret", "WORKDIR /app", "ENV AWS_SECRET_ACCESS_KEY=x"],
  ["looks like a secret", "WORKDIR /app", "ARG NPM_TOKEN"],
  ["runs what it downloads", "COPY . .", "RUN curl https://x.org/i | sh"],
  ["no fixed version", "COPY . .", "RUN apt-get install -y curl"],
  ["exec form", /ENTRYPOINT \[[^\]]*\][^\]]*\]/, "ENTRYPOINT deno run x.ts"],
  ["tini", `"/tini", "--", `, ""],
  ["without --frozen", `"--frozen", `, ""],
  ["without --cached-only", `"--cached-only", `, ""],
  ["allows too much", `"--allow-ffi=/app/node_modules"`, `"--allow-ffi"`],
  ["allows too much", `"--allow-net"`, `"--allow-all"`],
  ["allows too much", `"--allow-net"`, `"--allow-run=deno"`],
  ["lacks ENV DENO_DIR", / DENO_DIR=\/deno-dir/g, " X=1"],
  ["belong to root", "--from=build /app", "--chown=65532 --from=build /app"],
  ["earlier stage", "WORKDIR /data", "RUN mkdir /data"],
  ["in a job's image", "WORKDIR /data", "EXPOSE 80"],
  ["no HEALTHCHECK", /HEALTHCHECK[^\n]*\\\n[^\n]*/, ""],
];

for (const [rule, from, to] of PLANTED) {
  Deno.test(`imageProblems() notices: ${rule} (${to || "left out"})`, () => {
    const text = readImageFile("cpu.Dockerfile");
    const broken = text.replace(from, to);
    expect(broken).not.toBe(text);
    const problems = imageProblems(broken, ["cpu", "dashboard"]);
    expect(problems.join("\n")).toContain(rule);
  });
}

Deno.test("every image of a job allows the same, but for what tfjs-node needs", () => {
  const entry = (file: string, name: string) => {
    const parsed = parseImageFile(readImageFile(file));
    const stage = parsed.stages.find((stage) => stage.name === name)!;
    return execOf(parsed, stage, "ENTRYPOINT")!;
  };
  const cpu = entry("cpu.Dockerfile", "cpu");
  expect(entry("gpu.Dockerfile", "gpu")).toEqual(cpu);
  const other = entry("gpu-tfjs.Dockerfile", "gpu-tfjs");
  expect(other.filter((flag) => !cpu.includes(flag))).toEqual([
    "--allow-env",
    "--allow-sys=osRelease,systemMemoryInfo,cpus,networkInterfaces",
  ]);
});

Deno.test("the images have the Deno that the tests run on", () => {
  for (const { file } of IMAGES) {
    for (const [name, value] of parseImageFile(readImageFile(file)).arguments) {
      if (!name.startsWith("DENO")) continue;
      expect(value).toMatch(new RegExp(`-${Deno.version.deno}$`));
    }
  }
});

Deno.test(".dockerignore lets in nothing but what the images are made of", () => {
  const lines = Deno.readTextFileSync(`${ROOT}.dockerignore`).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  expect(lines.filter((line) => line.startsWith("!"))).toEqual([
    "!deno.json",
    "!deno.lock",
    "!jobs",
    "!shared",
    "!dashboard",
    "!infra",
    "!infra/docker",
  ]);
});
