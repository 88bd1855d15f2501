/** @module Every failure as an answer: a page for people, JSON for programs, a stack for nobody. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { CaseError } from "../shared/case_error.ts";
import type { DashboardDeps } from "./deps.ts";
import type { Env } from "./env.ts";
import { oneLine } from "../shared/plain_text.ts";
import { loginPage } from "./routes/login.tsx";
import { Refused } from "./security/refused.ts";
import { page } from "./views/layout.tsx";
import { Problem } from "./views/message.tsx";

/** Whoever has no role sees no other way out of their session. */
function AnotherAccount() {
  return (
    <form method="post" action="/logout" class="empty">
      <button type="submit" class="button">Log out</button>
    </form>
  );
}

interface Failure {
  readonly status: ContentfulStatusCode;
  readonly message: string;
}

export function answerFailure(
  c: Context<Env>,
  deps: DashboardDeps,
  error: Error,
): Response | Promise<Response> {
  const { status, message } = describe(error);
  const requestId = c.get("requestId");
  const isRefused = error instanceof Refused;
  // Logins fail for reasons of ours too: a wrong secret, a provider that is set up otherwise.
  if (status >= 500 || (isRefused && error.cause !== undefined)) {
    const reason = isRefused ? error.cause ?? error : error;
    deps.log(`Request ${requestId} failed: ${oneLine(String(reason))}`);
  }
  if (isRefused && error.retryAfterSeconds > 0) {
    c.header("Retry-After", String(error.retryAfterSeconds));
  }
  c.header("Cache-Control", "no-store");
  if (!wantsPage(c)) {
    if (status === 401) c.header("WWW-Authenticate", "Bearer");
    return c.json({ error: { status, message, requestId } }, status);
  }
  if (isRefused && status === 401) return loginPage(c, deps, error.reason);
  return page(
    c,
    deps,
    { title: titleOf(status), status },
    <>
      <Problem
        message={error instanceof z.ZodError
          ? error.issues.map(issueText).join("; ")
          : message}
        requestId={requestId}
      />
      {isRefused && error.reason === "noRole" && <AnotherAccount />}
    </>,
  );
}

function describe(error: Error): Failure {
  if (error instanceof HTTPException) {
    // Those that libraries throw speak of their insides.
    return error.status >= 500 && !(error instanceof Refused)
      ? { status: error.status, message: "This did not work" }
      : { status: error.status, message: error.message };
  }
  if (error instanceof z.ZodError) {
    return { status: 400, message: z.prettifyError(error) };
  }
  if (error instanceof CaseError && error.kind === "storage") {
    return { status: 503, message: "The store does not answer" };
  }
  return { status: 500, message: "This did not work" };
}

/** What is wrong with a value of an address or a form, in a sentence without its point. */
function issueText(issue: z.core.$ZodIssue): string {
  const name = issue.path.join(".");
  if (issue.code === "too_big" && issue.origin === "string") {
    return `"${name}" is too long: it can have ${issue.maximum} characters at most`;
  }
  return name === ""
    ? issue.message
    : `"${name}" cannot be that: ${issue.message}`;
}

function wantsPage(c: Context<Env>): boolean {
  return !c.req.path.startsWith("/api/") &&
    (c.req.header("accept")?.includes("text/html") ?? false);
}

function titleOf(status: number): string {
  if (status === 404) return "Not found";
  if (status === 403) return "Not allowed";
  if (status === 429) return "Too many requests";
  return status >= 500 ? "Something went wrong" : "Cannot do this";
}
