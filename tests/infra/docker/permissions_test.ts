/**
 * The image's permissions are enough, and none of them is too much: real verbs run with exactly the
 * flags of the ENTRYPOINT, and fail without any one of them.
 * @module
 */
import { expect } from "@std/expect";
import { walkSync } from "../../support/walk.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { untilIndexedFor } from "../../support/serve_dashboard.ts";
import { type S3Server, testWithS3 } from "../../support/s3_server.ts";
import {
  type Asked,
  type Container,
  entryFlags,
  makeContainer,
  valuesOf,
  without,
  withoutValue,
} from "./container.ts";
import { ROOT } from "./images.ts";

/** A container whose /data holds one phantom and the nano checkpoint. */
async function withScan(use: (container: Container) => Promise<void>) {
  await using container = await makeContainer();
  const data = container.folder("/data");
  const made = await uptake(data, [
    ...["phantom", "--cases", "1", "--shape", "24,24,32"],
    ...["--spacing", "16,16,16", "--output", "scans"],
  ]);
  expect(made.code).toBe(0);
  await withNanoCheckpoint((folder) =>
    Deno.copyFile(`${folder}/nano.safetensors`, `${data}/nano.safetensors`)
  );
  await use(container);
}

function segment(output: string): string[] {
  return [
    ...["segment", "--input", "scans", "--checkpoint", "nano.safetensors"],
    ...["--engine", "onnx", "--device", "cpu", "--output", output],
  ];
}

function bucketOf(server: S3Server): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
    AWS_REGION: "us-east-1",
    AWS_MAX_ATTEMPTS: "2",
  };
}

Deno.test("the image's flags suffice for the help of every verb", async () => {
  await using container = await makeContainer();
  const { code, text } = await container.run(["--help"]);
  expect(code).toBe(0);
  expect(text).toContain("Usage: uptake [options] [command]");
  expect((await container.run(["segment", "--help"])).code).toBe(0);
  const flags = withoutValue(entryFlags(), "allow-env", "CLICOLOR_FORCE");
  expect((await container.run(["--help"], { flags })).code).not.toBe(0);
});

Deno.test("a container, which may start no programs, says where workers can be started instead", () =>
  withScan(async ({ run }) => {
    const { code, text } = await run([
      ...["submit", "--dataset", "scans", "--checkpoint", "nano.safetensors"],
      ...["--home", "home", "--engine", "onnx", "--device", "cpu"],
    ]);
    expect(code).toBe(1);
    expect(text).toContain("this one may start no others");
    expect(text).toContain("Go on with: uptake retry --run");
  }));

Deno.test("the image's flags suffice to segment a folder, and each that it needs is needed", () =>
  withScan(async ({ folder, run }) => {
    const done = await run(segment("masks"));
    expect(done.text).toContain("1 cases expected: 1 done");
    expect(done.code).toBe(0);
    // Scratch files are allowed in /tmp.
    const scratch = await run(segment(`${folder("/tmp")}/masks`));
    expect(scratch.code).toBe(0);

    const flags = entryFlags();
    const lesser: [lack: string, flags: string[], output: string][] = [
      ["--allow-read", without(flags, "allow-read"), "a"],
      ["--allow-write", without(flags, "allow-write"), "b"],
      ["--allow-env", without(flags, "allow-env"), "c"],
      ["--allow-ffi", without(flags, "allow-ffi"), "d"],
      ["/app", withoutValue(flags, "allow-read", "/app"), "e"],
      ["/data", withoutValue(flags, "allow-read", "/data"), "f"],
      ["/data", withoutValue(flags, "allow-write", "/data"), "g"],
      [
        "/tmp",
        withoutValue(flags, "allow-read", "/tmp"),
        `${folder("/tmp")}/h`,
      ],
      [
        "/tmp",
        withoutValue(flags, "allow-write", "/tmp"),
        `${folder("/tmp")}/i`,
      ],
    ];
    for (const [lack, flags, output] of lesser) {
      const { code } = await run(segment(output), { flags });
      expect([lack, output, code === 0]).toEqual([lack, output, false]);
    }
  }));

Deno.test("the image's flags suffice for a worker of a batch run, threads and all", () =>
  withScan(async ({ folder, run }) => {
    const frozen = await uptake(folder("/data"), [
      ...["submit", "--dataset", "scans", "--checkpoint", "nano.safetensors"],
      ...["--home", "home", "--workers", "0", "--json"],
      ...["--engine", "onnx", "--device", "cpu"],
    ]);
    const [location] = JSON.parse(frozen.out).runs.map((
      run: { location: string },
    ) => run.location);
    const { code, text } = await run(["work", "--run", location], {
      env: { JOB_COMPLETION_INDEX: "0", UPTAKE_WORKER_COUNT: "1" },
    });
    expect(text).toContain("is recorded");
    expect(code).toBe(0);
  }));

Deno.test("the image's flags suffice for the dashboard: index, pages, scripts, audit log", () =>
  withScan(async ({ run, start }) => {
    const submitted = await run([
      ...["submit", "--dataset", "scans", "--checkpoint", "nano.safetensors"],
      ...["--home", "home", "--workers", "0"],
    ]);
    expect(submitted.code).toBe(0);
    const [, runId] = /^Run (\S+):/m.exec(submitted.text)!;
    await using server = start([
      ...["dashboard", "--home", "home", "--listen", "127.0.0.1:0"],
    ]);
    const output = server.stderr.pipeThrough(new TextDecoderStream());
    let said = "";
    let login: string | undefined;
    for await (const part of output.values({ preventCancel: true })) {
      said += part;
      login = /(http:\S+login\?token=\S+)\n/.exec(said)?.[1];
      if (login !== undefined) break;
    }
    if (login === undefined) throw new Error(said);
    const entered = await fetch(login, { redirect: "manual" });
    await entered.body?.cancel();
    const cookie = entered.headers.getSetCookie()[0]!.split(";")[0]!;
    const { origin } = new URL(login);
    await untilIndexedFor(origin, cookie);
    const read = async (path: string) => {
      const answer = await fetch(origin + path, { headers: { cookie } });
      return answer.ok ? await answer.text() : `${answer.status}`;
    };
    const page = await read("/");
    const [, script] = /src="([^"]+\.js)"/.exec(page)!;
    expect((await read(script!)).length).toBeGreaterThan(1000);
    expect(await read("/api/v1/runs")).toContain(runId);
    server.kill("SIGTERM");
    expect((await server.status).code).toBe(0);
    const audit = await run(["dashboard", "--home", "home", "--verify-audit"]);
    expect(audit.code).toBe(0);
  }));

testWithS3(
  "the image's flags suffice to segment into a bucket, and net and sys are needed for it",
  (server) =>
    withScan(async ({ run }) => {
      const env = bucketOf(server);
      const to = (name: string) =>
        segment(
          `s3://${server.bucket}/permissions/${crypto.randomUUID()}/${name}`,
        );
      const done = await run(to("out"), { env });
      expect(done.text).toContain("1 cases expected: 1 done");
      expect(done.code).toBe(0);

      const flags = entryFlags();
      for (const flag of ["allow-net", "allow-sys"]) {
        const { code } = await run(to(flag), {
          env,
          flags: without(flags, flag),
        });
        expect([flag, code === 0]).toEqual([flag, false]);
      }
    }),
);

Deno.test("the image's flags suffice for doctor, which is what needs systemMemoryInfo", async () => {
  await using container = await makeContainer();
  const { code, text } = await container.run(["doctor"]);
  expect(code).toBe(0);
  expect(text).toMatch(/onnx .* cpu .* yes/);
  const flags = withoutValue(entryFlags(), "allow-sys", "systemMemoryInfo");
  expect((await container.run(["doctor"], { flags })).code).not.toBe(0);
});

/** Answers as AWS' token service and as an empty bucket; counts the tokens that it was given. */
function fakeAws(): Deno.HttpServer<Deno.NetAddr> & { tokens: string[] } {
  const tokens: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (request.method !== "POST") {
        return new Response(
          `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`,
        );
      }
      const form = new URLSearchParams(await request.text());
      tokens.push(form.get("WebIdentityToken") ?? "");
      return new Response(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
        { headers: { "content-type": "text/xml" } },
      );
    },
  );
  return Object.assign(server, { tokens });
}

Deno.test("the image's flags let a service account's token be exchanged for a role", async () => {
  await using container = await makeContainer();
  await using aws = fakeAws();
  const token = container.folder("/var/run/secrets/token");
  await Deno.writeTextFile(token, "a-token");
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${aws.addr.port}`,
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/uptake",
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_MAX_ATTEMPTS: "1",
  };
  const args = ["doctor", "--store", "s3://bucket/home"];
  const { text } = await container.run(args, { env });
  expect(text).not.toContain("no credentials were found");
  expect(new Set(aws.tokens)).toEqual(new Set(["a-token"]));

  aws.tokens.length = 0;
  await container.run(args, {
    env,
    flags: withoutValue(entryFlags(), "allow-read", "/var/run/secrets"),
  });
  expect(aws.tokens).toEqual([]);
});

Deno.test("the machine's own credentials are out of reach", async () => {
  await using container = await makeContainer();
  const args = ["doctor", "--store", "s3://bucket/home"];
  const { code, text } = await container.run(args, {
    env: {
      AWS_MAX_ATTEMPTS: "1",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://169.254.169.254",
    },
  });
  expect(code).toBe(1);
  expect(text).toContain("no credentials were found");
  expect(valuesOf(entryFlags(), "deny-net")).toEqual([
    "169.254.169.254",
    "[fd00:ec2::254]",
  ]);
});

/** Does a list entry such as `AWS_*` allow a name? */
function allows(entry: string, name: string): boolean {
  return entry.endsWith("*")
    ? name.startsWith(entry.slice(0, -1))
    : name === entry;
}

Deno.test("every variable and every fact about the system on the lists is asked for", () =>
  withScan(async ({ run, folder }) => {
    const asked: Asked[] = [];
    for (
      const [args, env] of [
        [["--help"], {}],
        [segment("masks"), {}],
        [["doctor", "--store", "s3://bucket/home"], {
          // Refuses connections at once.
          AWS_ENDPOINT_URL: "http://127.0.0.1:1",
          AWS_ACCESS_KEY_ID: "a",
          AWS_SECRET_ACCESS_KEY: "b",
          AWS_MAX_ATTEMPTS: "1",
          PATH: folder("/tmp"),
        }],
      ] as const
    ) {
      asked.push(...(await run(args, { env, audit: true })).asked);
    }
    const flags = entryFlags();
    const sources = ["jobs/", "shared/", "dashboard/"].flatMap((part) =>
      walkSync(new URL(part, `file://${ROOT}`))
    ).map((file) => Deno.readTextFileSync(file)).join("\n");
    for (const entry of valuesOf(flags, "allow-env")) {
      const name = entry.replace("*", "");
      const isAsked = asked.some(({ permission, value }) =>
        permission === "env" && value !== null && allows(entry, value)
      );
      // What a scheduler sets is read only where it runs; the sources name it.
      expect([entry, isAsked || sources.includes(`"${name}`)]).toEqual([
        entry,
        true,
      ]);
    }
    for (const entry of valuesOf(flags, "allow-sys")) {
      expect(
        asked.filter(({ permission, value }) =>
          permission === "sys" && value === entry
        ).length,
      ).toBeGreaterThan(0);
    }
  }));
