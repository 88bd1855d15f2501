/** @module The images there are: which file and which stages of it. */

export const ROOT = new URL("../../../", import.meta.url).pathname;

export const IMAGES = [
  { file: "cpu.Dockerfile", stages: ["cpu", "dashboard"] },
  { file: "gpu.Dockerfile", stages: ["gpu"] },
  { file: "gpu-tfjs.Dockerfile", stages: ["gpu-tfjs"] },
] as const;

export function readImageFile(file: string): string {
  return Deno.readTextFileSync(`${ROOT}infra/docker/${file}`);
}
