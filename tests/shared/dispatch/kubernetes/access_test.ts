import { expect } from "@std/expect";
import { kubernetesAccess } from "../../../../shared/dispatch/kubernetes/access.ts";
import { jobsApi } from "../../../../shared/dispatch/kubernetes/api.ts";
import { FakeKubernetes } from "../../../support/fake_kubernetes.ts";
import { testWith } from "../../../support/requires.ts";
import { withFolder } from "../../../support/temporary_folder.ts";

type Env = Readonly<Record<string, string>>;

const serverOf = (env: Env) => kubernetesAccess({}, (name) => env[name]).server;

Deno.test("kubernetesAccess() finds the cluster that the process runs in", () => {
  expect(serverOf({
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "6443",
  })).toBe("https://10.96.0.1:6443");
  expect(serverOf({ KUBERNETES_SERVICE_HOST: "fd00::1" }))
    .toBe("https://[fd00::1]:443");
  expect(() => serverOf({})).toThrow(RangeError);
  expect(() => serverOf({})).toThrow("names no apiServer");
});

Deno.test("kubernetesAccess() takes the token's file from the configuration, else from the environment", async () => {
  await withFolder(async (folder) => {
    const apiServer = "https://kubernetes.example.org/";
    for (const name of ["a", "b"]) {
      await Deno.writeTextFile(`${folder}/${name}`, `token-${name}\n`);
    }
    const read = (name: string) =>
      name === "UPTAKE_KUBE_TOKEN_FILE" ? `${folder}/b` : undefined;
    const access = kubernetesAccess({ apiServer }, read);
    expect(access.server).toBe("https://kubernetes.example.org");
    expect(await access.readToken()).toBe("token-b");
    const configured = { apiServer, tokenFile: `${folder}/a` };
    expect(await kubernetesAccess(configured, read).readToken())
      .toBe("token-a");
    expect(
      await kubernetesAccess({ apiServer }, () => undefined).readToken(),
    ).toBe(undefined);
  });
});

const openssl = findProgram("openssl");

testWith(
  openssl,
  "kubernetesAccess() trusts a server whose certificate the file vouches for, and no other",
  (program) =>
    withFolder(async (folder) => {
      const tls = await makeCertificate(program, folder);
      await using server = new FakeKubernetes(tls);
      const read = () => undefined;
      const url = `${server.url}/apis/batch/v1/namespaces/n/jobs/j`;
      const known = { apiServer: server.url, caFile: `${folder}/cert.pem` };
      expect((await kubernetesAccess(known, read).send(url, {})).status)
        .toBe(404);
      const api = jobsApi(
        kubernetesAccess({ apiServer: server.url }, read),
        "n",
      );
      await expect(api.get("j", new AbortController().signal)).rejects.toThrow(
        /^Cannot read the Job n\/j: no answer from the API server \(.*certificate/,
      );
    }),
);

function findProgram(name: string) {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${name}`;
    try {
      if (Deno.statSync(path).isFile) return { path };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return { missing: `${name} is not installed` };
}

/** A key and a certificate of 127.0.0.1 that signs itself, for a day. */
async function makeCertificate(
  program: string,
  folder: string,
): Promise<{ cert: string; key: string }> {
  const { code, stderr } = await new Deno.Command(program, {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        .split(" "),
      "-subj",
      "/CN=127.0.0.1",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
      "-keyout",
      `${folder}/key.pem`,
      "-out",
      `${folder}/cert.pem`,
    ],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return {
    cert: await Deno.readTextFile(`${folder}/cert.pem`),
    key: await Deno.readTextFile(`${folder}/key.pem`),
  };
}
