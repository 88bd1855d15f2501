/**
 * AWS Batch as far as the dispatcher uses it, over HTTP, for the tests: it keeps what is submitted,
 * notes what it is asked, and answers otherwise when a test has planned so.
 * @module
 */

interface StoredJob {
  jobId: string;
  jobName: string;
  status: string;
  [field: string]: unknown;
}

type Body = Record<string, unknown>;

export class FakeBatch implements AsyncDisposable {
  /** The last part of each request's path, and its body. */
  readonly requests: [operation: string, body: Body][] = [];
  readonly jobs: StoredJob[] = [];
  /** Jobs a page of a listing holds. */
  pageSize = 100;
  /** The answer to the next request, and so on; undefined lets the server answer. */
  readonly planned: ((body: Body) => Response | undefined)[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get operations(): string[] {
    return this.requests.map(([operation]) => operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  /** Keeps a job as if it had been submitted. */
  submit(body: Body): StoredJob {
    const job: StoredJob = {
      ...body,
      jobId: `job-${this.jobs.length + 1}`,
      jobName: String(body.jobName),
      status: "SUBMITTED",
    };
    this.jobs.push(job);
    return job;
  }

  async #answer(request: Request): Promise<Response> {
    const operation = new URL(request.url).pathname.replace("/v1/", "");
    const body: Body = await request.json();
    this.requests.push([operation, body]);
    return this.planned.shift()?.(body) ?? this.#serve(operation, body);
  }

  #serve(operation: string, body: Body): Response {
    switch (operation) {
      case "submitjob": {
        const { jobId, jobName } = this.submit(body);
        return Response.json({ jobId, jobName });
      }
      case "listjobs": {
        const [{ values: [name] }] = body.filters as [{ values: [string] }];
        const start = Number(body.nextToken ?? 0);
        const found = this.jobs.filter(({ jobName }) => jobName === name);
        const end = start + this.pageSize;
        return Response.json({
          jobSummaryList: found.slice(start, end)
            .map(({ jobId, jobName, status }) => ({ jobId, jobName, status })),
          ...(end < found.length && { nextToken: String(end) }),
        });
      }
      case "describejobs": {
        const ids = body.jobs as string[];
        return Response.json({
          jobs: this.jobs.filter(({ jobId }) => ids.includes(jobId)),
        });
      }
      case "terminatejob":
        return Response.json({});
      default:
        return refuse(404, "ClientException", `no operation ${operation}`);
    }
  }
}

/** What AWS Batch answers when it refuses. */
export function refuse(
  status: number,
  name: string,
  message: string,
): Response {
  return Response.json({ message }, {
    status,
    headers: { "x-amzn-errortype": name },
  });
}
