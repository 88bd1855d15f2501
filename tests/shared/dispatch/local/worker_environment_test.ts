/** @module What local workers are given of the environment of the dashboard or shell that starts them. */
import { expect } from "@std/expect";
import { startProcess } from "../../../../shared/dispatch/local/worker_process.ts";
import { workerEnvironment } from "../../../../shared/dispatch/local/worker_environment.ts";

const NEEDED = {
  AWS_SECRET_ACCESS_KEY: "of the store",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2",
  OTEL_EXPORTER_OTLP_HEADERS: "a=b",
  DENO_DIR: "/cache",
  UPTAKE_LOG_FORMAT: "json",
  https_proxy: "http://proxy:3128",
  NO_PROXY: "localhost",
  LC_ALL: "C.UTF-8",
  CUDA_VISIBLE_DEVICES: "1",
  OMP_NUM_THREADS: "2",
  INIT_CWD: "/home/anna",
};
const SECRET = {
  UPTAKE_OIDC_CLIENT_SECRET: "secret 1",
  UPTAKE_OIDC_COOKIE_SECRET: "secret 2",
  UPTAKE_WEBHOOK_TOKEN: "secret 3",
  GITHUB_TOKEN: "secret 4",
  DENO_AUTH_TOKENS: "secret 5",
  DATABASE_URL: "secret 6",
};

Deno.test("workerEnvironment() passes on what workers need, and nothing that it does not know", () => {
  expect(workerEnvironment({ ...NEEDED, ...SECRET })).toEqual(NEEDED);
});

Deno.test("startProcess() keeps the dashboard's secrets from a worker, and gives it its own variables", async () => {
  const before = Deno.env.toObject();
  for (const [name, value] of Object.entries({ ...NEEDED, ...SECRET })) {
    Deno.env.set(name, value);
  }
  try {
    const lines: string[] = [];
    const { ended } = await startProcess({
      command: ["env"],
      cwd: undefined,
      env: { UPTAKE_WORKER_INDEX: "3" },
      output: { onLine: (line) => void lines.push(line) },
    });
    expect((await ended).code).toBe(0);
    expect(lines.filter((line) => line.includes("secret"))).toEqual([]);
    expect(lines.some((line) => line.includes("OIDC"))).toBe(false);
    expect(lines).toContain("UPTAKE_WORKER_INDEX=3");
    expect(lines).toContain(`PATH=${before.PATH}`);
    for (const [name, value] of Object.entries(NEEDED)) {
      expect(lines).toContain(`${name}=${value}`);
    }
  } finally {
    for (const name of Object.keys({ ...NEEDED, ...SECRET })) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});
