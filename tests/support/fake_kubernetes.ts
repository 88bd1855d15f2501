/**
 * An API server that knows Jobs only, for the tests: it keeps what is created, notes what it is asked,
 * and answers otherwise when a test has planned so.
 * @module
 */

export interface KubernetesRequest {
  /** Method, path and query. */
  readonly line: string;
  readonly authorization: string | null;
  readonly body: unknown;
}

interface StoredJob {
  kind: string;
  metadata: {
    name: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  status: Record<string, unknown>;
}

/** Answers instead of the server, or lets it (undefined). */
type Planned = (request: KubernetesRequest) => Response | undefined;

export class FakeKubernetes implements AsyncDisposable {
  readonly requests: KubernetesRequest[] = [];
  readonly jobs = new Map<string, StoredJob>();
  /** The answer to the next request, and so on; what was planned is used up. */
  readonly planned: Planned[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #tls: boolean;
  #uids = 0;

  /** @param tls PEM texts; plain HTTP without them */
  constructor(tls?: { readonly cert: string; readonly key: string }) {
    this.#tls = tls !== undefined;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    const { port } = this.#server.addr;
    return `${this.#tls ? "https" : "http"}://127.0.0.1:${port}`;
  }

  /** Methods, paths and queries so far. */
  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** The only Job there is. */
  get job(): StoredJob {
    const [job] = this.jobs.values();
    if (job === undefined) throw new Error("there is no Job");
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    const seen: KubernetesRequest = {
      line: `${request.method} ${url.pathname}${url.search}`,
      authorization: request.headers.get("authorization"),
      body: text === "" ? undefined : JSON.parse(text),
    };
    this.requests.push(seen);
    return this.planned.shift()?.(seen) ??
      this.#serve(request.method, url, text);
  }

  #serve(method: string, url: URL, text: string): Response {
    const name = url.pathname.split("/").at(-1)!;
    if (method === "POST") {
      const job: StoredJob = JSON.parse(text);
      if (this.jobs.has(job.metadata.name)) {
        return status(
          409,
          "AlreadyExists",
          `jobs.batch "${job.metadata.name}" already exists`,
        );
      }
      job.metadata.uid = `uid-${++this.#uids}`;
      job.status = {};
      if (!url.searchParams.has("dryRun")) {
        this.jobs.set(job.metadata.name, job);
      }
      return Response.json(job, { status: 201 });
    }
    const job = this.jobs.get(name);
    if (job === undefined) {
      return status(404, "NotFound", `jobs.batch "${name}" not found`);
    }
    if (method === "DELETE") {
      const { preconditions } = JSON.parse(text);
      if (preconditions.uid !== job.metadata.uid) {
        return status(409, "Conflict", "the UID in the precondition differs");
      }
      this.jobs.delete(name);
    }
    return Response.json(job);
  }
}

/** What the API server answers when it refuses. */
export function status(
  code: number,
  reason: string,
  message: string,
): Response {
  return Response.json(
    {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason,
      message,
      code,
    },
    { status: code },
  );
}
