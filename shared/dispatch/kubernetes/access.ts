/**
 * How to reach the API server: from inside the cluster, through `kubectl proxy`, or with a token.
 *
 * Source: Kubernetes documentation, "Accessing the Kubernetes API from a Pod".
 * @module
 */
import type { ReadVariable } from "../../storage/s3_settings.ts";
import type { KubernetesConfig } from "../dispatch_config.ts";

export interface KubernetesAccess {
  /** URL without a slash at its end. */
  readonly server: string;
  /** Undefined where the server asks for none, as behind `kubectl proxy`. */
  readToken(): Promise<string | undefined>;
  /** `fetch` that trusts the cluster's certificates and keeps no connection. */
  send(
    url: string,
    init: RequestInit,
  ): Promise<{ readonly status: number; readonly text: string }>;
}

/** Where a Pod finds its service account. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What may stand in a header, as tokens do. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Nothing is reached yet. Token and certificates are read anew for each request, as both are
 * replaced while a long run goes on.
 *
 * @param read for `UPTAKE_KUBE_TOKEN_FILE`, `UPTAKE_KUBE_CA_FILE` and what Kubernetes sets in Pods
 * @throws {RangeError} when no server is named outside of a cluster.
 */
export function kubernetesAccess(
  config: Pick<KubernetesConfig, "apiServer" | "tokenFile" | "caFile">,
  read: ReadVariable,
): KubernetesAccess {
  const inCluster = config.apiServer === undefined;
  const tokenFile = config.tokenFile ?? (read("UPTAKE_KUBE_TOKEN_FILE") ||
    (inCluster ? `${SERVICE_ACCOUNT}/token` : undefined));
  const caFile = config.caFile ?? (read("UPTAKE_KUBE_CA_FILE") ||
    (inCluster ? `${SERVICE_ACCOUNT}/ca.crt` : undefined));
  return {
    server: (config.apiServer ?? clusterServer(read)).replace(/\/+$/, ""),
    readToken: async () =>
      tokenFile === undefined ? undefined : await readToken(tokenFile),
    send: async (url, init) => {
      // Deno sends a request anew when a kept connection breaks, a POST too: none is kept.
      using client = Deno.createHttpClient({
        poolMaxIdlePerHost: 0,
        ...(caFile !== undefined && {
          caCerts: [await readFile(caFile, "certificates")],
        }),
      });
      const response = await fetch(url, { ...init, client });
      return { status: response.status, text: await response.text() };
    },
  };
}

function clusterServer(read: ReadVariable): string {
  const host = read("KUBERNETES_SERVICE_HOST");
  if (!host) {
    throw new RangeError(
      "Cannot reach Kubernetes: the dispatch configuration names no apiServer, and this process runs in no cluster (KUBERNETES_SERVICE_HOST is not set)",
    );
  }
  const port = read("KUBERNETES_SERVICE_PORT") || "443";
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, "token")).trim();
  if (!TOKEN.test(token)) {
    throw new SyntaxError(
      `Cannot use the Kubernetes token in ${path}: it is empty, or no single word`,
    );
  }
  return token;
}

async function readFile(path: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(
      `Cannot read the Kubernetes ${what} in ${path}: ${
        (cause as Error).message
      }`,
      { cause },
    );
  }
}
