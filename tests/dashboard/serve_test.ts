/** @module The dashboard over a real socket, and as the program that people start. */
import { expect } from "@std/expect";
import { serve } from "../../dashboard/main.ts";
import { createToken } from "../../dashboard/auth/tokens.ts";
import { verifyAudit } from "../../dashboard/audit/verify_audit.ts";
import { openStore } from "../../shared/storage/open_store.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import { caseIdOf, fillCaseHome, RUN_ID } from "../support/case_home.ts";
import { cookieOf } from "../support/dashboard.ts";
import {
  untilIndexedFor,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";

Deno.test("serve() listens, logs in, and stores the audit log when it ends", async () => {
  await withFolder(async (home) => {
    await withServedDashboard(home, async ({ origin, link, said }) => {
      expect(said[0]).toBe(`The dashboard of file://${home} is at ${origin}`);
      expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const first = link();
      const answer = await fetch(first, { redirect: "manual" });
      expect(answer.status).toBe(303);
      await answer.body?.cancel();
      expect(link()).not.toBe(first);
      const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!;
      const page = await fetch(origin, { headers: { cookie } });
      expect(page.status).toBe(200);
      expect(page.headers.get("server-timing")).toMatch(/^total;dur=/);
      expect(await page.text()).toContain("<!DOCTYPE html>");
    });
    const store = openStore(home);
    expect(await verifyAudit(store)).toMatchObject({ lines: 2, problems: [] });
    const keys = await Array.fromAsync(store.list("audit/"));
    const log = await store.get(keys[0]!.key);
    expect(new TextDecoder().decode(log?.body)).toContain('"from":"127.0.0.1"');
  });
});

Deno.test("serve() opens to others behind a proxy once there is a token, under its public name alone", async () => {
  await withFolder(async (home) => {
    const { token } = await createToken(
      openStore(home),
      { name: "export", role: "viewer", days: 1 },
      new Date(),
    );
    const stop = new AbortController();
    const said: string[] = [];
    const isUp = Promise.withResolvers<void>();
    const served = serve({
      home,
      listen: "0.0.0.0:0",
      publicUrl: "https://uptake.example.org",
      catalog: ":memory:",
    }, {
      signal: stop.signal,
      say(line) {
        said.push(line);
        if (line.includes("UPTAKE_TRUST_PROXY")) isUp.resolve();
      },
      open: (location) => openStore(location),
      readVariable: () => undefined,
    });
    try {
      await Promise.race([isUp.promise, served]);
      expect(said[0]).toContain("is at https://uptake.example.org");
      const port = Number(
        /^It listens on 0\.0\.0\.0:(\d+)$/.exec(said[1]!)?.[1],
      );
      expect(said.join("\n")).toContain("People log in with API tokens");
      expect(said.join("\n")).not.toContain("Log in once");
      const ask = async (host: string) => {
        using socket = await Deno.connect({ hostname: "127.0.0.1", port });
        const request =
          `GET /api/v1/state HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
        await socket.write(new TextEncoder().encode(request));
        return (await new Response(socket.readable).text()).slice(9, 12);
      };
      // The server takes requests before all is open; then it says 503.
      let status = await ask("uptake.example.org");
      while (status === "503") status = await ask("uptake.example.org");
      expect(status).toBe("200");
      expect(await ask(`127.0.0.1:${port}`)).toBe("421");
      expect(await ask("evil.example")).toBe("421");
    } finally {
      stop.abort();
      await served;
    }
  });
});

Deno.test("serve() tells that another program holds the port", async () => {
  await withFolder((home) =>
    withServedDashboard(home, async ({ origin }) => {
      const second = serve({
        home,
        listen: new URL(origin).host,
        catalog: ":memory:",
      }, {
        signal: new AbortController().signal,
        say: () => {},
        open: (location) => openStore(location),
        readVariable: () => undefined,
      });
      await expect(second).rejects.toThrow(
        `Cannot serve on port ${new URL(origin).port}: another program does`,
      );
    })
  );
});

for (const isLeft of [false, true]) {
  const how = isLeft ? "leaves an empty folder" : "is moved away";

  Deno.test(`serve() keeps a review's words and writes nothing while the home ${how}`, async () => {
    await withFolder(async (above) => {
      const home = `${above}/home`;
      const away = `${above}/away`;
      await fillCaseHome(openStore(home), { cases: 1 });
      const path = `/runs/${RUN_ID}/cases/${caseIdOf(0)}`;
      const { attempt } = resultSchema.parse(JSON.parse(
        await Deno.readTextFile(
          `${home}/runs/${RUN_ID}/results/${caseIdOf(0)}.json`,
        ),
      ));
      await withServedDashboard(home, async ({ origin, link }) => {
        const login = await fetch(link(), { redirect: "manual" });
        await login.body?.cancel();
        const cookie = cookieOf(login);
        await untilIndexedFor(origin, cookie);
        const review = async () => {
          const body = new URLSearchParams({
            attempt,
            verdict: "fix",
            reason: "missedLesion",
            comment: "Left of the heart",
            then: "/review",
          });
          return await fetch(`${origin}${path}/reviews`, {
            method: "POST",
            redirect: "manual",
            headers: { cookie, origin, accept: "text/html" },
            body,
          });
        };
        await Deno.rename(home, away);
        if (isLeft) await Deno.mkdir(home);
        const answer = await review();
        expect(answer.status).toBe(503);
        expect(await answer.text()).toContain("Left of the heart");
        const shown = await fetch(`${origin}${path}`, { headers: { cookie } });
        expect(shown.status).toBe(200);
        await shown.body?.cancel();
        if (isLeft) {
          expect([...Deno.readDirSync(home)]).toEqual([]);
          await Deno.remove(home);
        }
        await Deno.rename(away, home);
        const saved = await review();
        await saved.body?.cancel();
        expect(saved.status).toBe(303);
      });
      expect((await verifyAudit(openStore(home))).problems).toEqual([]);
    });
  });
}

Deno.test("uptake dashboard serves until SIGTERM, and refuses other addresses without authentication", async () => {
  await withFolder(async (home) => {
    const uptake = (...args: string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", MAIN, "dashboard", "--home", home, ...args],
        env: { XDG_CACHE_HOME: home },
        stdout: "piped",
        stderr: "piped",
      });
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

    const open = [
      "--listen",
      "0.0.0.0:0",
      "--public-url",
      "https://uptake.example.org",
    ];
    const refused = await uptake(...open).output();
    expect(refused.code).toBe(2);
    expect(text(refused.stderr)).toContain("without authentication");

    const made = await uptake(
      "--create-token",
      "export",
      "--role",
      "viewer",
      "--json",
    ).output();
    const { token, ...record } = JSON.parse(text(made.stdout));
    expect(token).toMatch(/^uptake_/);
    expect(record).toMatchObject({ name: "export", role: "viewer" });

    const child = uptake("--listen", "127.0.0.1:0").spawn();
    const { link, rest } = await firstLink(child.stderr);
    const state = await fetch(new URL("/api/v1/state", link), {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(state.status).toBe(200);
    expect(Object.keys(await state.json())).toContain("indexedAt");
    child.kill("SIGTERM");
    const [{ code, stdout }] = await Promise.all([
      outputOf(child),
      rest,
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe("Stopped\n");
  });
});

const MAIN = new URL("../../jobs/main.ts", import.meta.url).pathname;

/** The login link on stderr, and what comes after it. */
async function firstLink(stderr: ReadableStream<Uint8Array>) {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended without a link: ${said}`);
    said += value;
    const link = /Log in once with (\S+)\n/.exec(said)?.[1];
    if (link !== undefined) {
      const rest = (async () => {
        while (!(await reader.read()).done);
      })();
      return { link, rest };
    }
  }
}

async function outputOf(child: Deno.ChildProcess) {
  const [stdout, { code }] = await Promise.all([
    new Response(child.stdout).text(),
    child.status,
  ]);
  return { stdout, code };
}
