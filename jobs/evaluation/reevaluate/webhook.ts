/**
 * Tells another server that a checkpoint is worse: figures and names of checkpoints and datasets; no case, no
 * store.
 * @module
 */
import pRetry from "p-retry";
import type { ComparedCheckpoint } from "../../../shared/runs/home/records.ts";
import type { StandingComparison } from "./night.ts";

/** The secret that goes with the message, in the environment. */
export const WEBHOOK_TOKEN_VARIABLE = "UPTAKE_WEBHOOK_TOKEN";

const TIMEOUT_MS = 10_000;

export interface WebhookOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  /** @default the global one */
  readonly fetch?: typeof fetch;
  /** Before the only retry. @default 1,000 */
  readonly retryDelayMs?: number;
}

/** What is sent. Only comparisons that say something of the newest checkpoints are. */
export function webhookMessage(alarms: readonly StandingComparison[]) {
  return {
    event: "uptake.checkpointWorse",
    comparisons: alarms.map(({ record, isNew }) => ({
      isNew,
      comparedAt: record.createdAt,
      why: record.why,
      verdict: record.verdict,
      dataset: record.dataset,
      before: sideOf(record.before),
      after: sideOf(record.after),
      classes: record.comparison.classes.map(
        ({ name, n, nOnlyBefore, nOnlyAfter, verdict, metrics, flips }) => ({
          name,
          n,
          nOnlyBefore,
          nOnlyAfter,
          verdict,
          meanDiceBefore: metrics.dice.meanBefore,
          meanDiceAfter: metrics.dice.meanAfter,
          meanDiceDifference: metrics.dice.meanDifference,
          ci95: metrics.dice.ci95,
          nFlips: flips.length,
        }),
      ),
    })),
  };
}

function sideOf({ name, sha256, family, fold, runId }: ComparedCheckpoint) {
  return { name, sha256, family, fold, runId };
}

/**
 * Sends the message, twice at most.
 *
 * @returns why it did not arrive, without the URL, which may hold a secret; null when it did.
 * @throws the signal's reason once it is aborted.
 */
export async function postWebhook(
  message: ReturnType<typeof webhookMessage>,
  { url, token, signal, fetch = globalThis.fetch, retryDelayMs = 1000 }:
    WebhookOptions,
): Promise<string | null> {
  const { host } = new URL(url);
  const post = async () => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(message),
        // The token is for this server alone.
        redirect: "manual",
        signal: AbortSignal.any([signal, timeout]),
      });
    } catch (cause) {
      signal.throwIfAborted();
      const why = timeout.aborted
        ? `did not answer within ${TIMEOUT_MS / 1000} s`
        : "cannot be reached";
      throw new WebhookError(`${host} ${why}`, { cause });
    }
    await response.body?.cancel();
    if (!response.ok) {
      throw new WebhookError(`${host} answered with ${response.status}`);
    }
  };
  try {
    await pRetry(post, { retries: 1, minTimeout: retryDelayMs, signal });
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WebhookError)) throw error;
    return error.message;
  }
}

class WebhookError extends Error {
  override readonly name = "WebhookError";
}
