/**
 * `uptake dashboard`: serve the web page. The dashboard is a room of its own, which no job imports: this verb
 * loads it by its address.
 * @module
 */
import { z } from "zod";
import { DISPATCHER_NAMES } from "../../shared/dispatch/dispatcher.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { dashboardOperations } from "../batch/dashboard_operations.ts";
import { pairDispatches } from "../batch/dispatch_settings.ts";
import { dispatchOptions } from "../batch/submit_options.ts";
import type { Context, Outcome } from "../cli/context.ts";
import { store } from "../cli/option_types.ts";
import { asUsage, UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";

const options = z.strictObject({
  home: store.describe("the store that holds runs and checkpoints"),
  listen: z.string().default("127.0.0.1:8080").describe(
    "where to listen, port 0 being any that is free; addresses other than this machine's own need authentication",
  ).meta({ placeholder: "address:port" }),
  publicUrl: z.string().optional().describe(
    "where people reach it, when a proxy stands in front (default: the variable UPTAKE_PUBLIC_URL)",
  ).meta({ placeholder: "url" }),
  catalog: z.string().optional().describe(
    "file of the index, made anew at any time (default: one per home in the user's cache)",
  ).meta({ placeholder: "file" }),
  datasets: z.array(store).default([]).describe(
    "datasets that may be chosen for runs, besides those the home knows, and whose images are shown",
  ).meta({ placeholder: "store" }),
  datasetRoots: z.array(store).default([]).describe(
    "stores under which operators may type the location of any dataset, and whose images are shown",
  ).meta({ placeholder: "store" }),
  allowSubmit: z.boolean().default(false).describe(
    "let operators start runs",
  ),
  dispatch: z.array(z.enum(DISPATCHER_NAMES)).min(1).default(["local"])
    .describe(
      `where workers run: ${
        DISPATCHER_NAMES.join(", ")
      }; of several, operators choose`,
    ).meta({ placeholder: "name" }),
  workers: dispatchOptions.workers,
  dispatchConfig: z.array(store).default([]).describe(
    "files that say what workers get, one for each of kubernetes and aws-batch",
  ).meta({ placeholder: "file" }),
  createToken: z.string().optional().describe(
    "make an API token, show it once, and end",
  ).meta({ placeholder: "name" }),
  role: z.enum(["viewer", "reviewer", "operator"]).default("viewer").describe(
    "what the token of --create-token allows: to read, to review as well, or to start and stop runs as well",
  ),
  days: z.number().positive().max(3650).default(90).describe(
    "for how many days the token of --create-token works",
  ),
  revokeToken: z.string().optional().describe(
    "remove an API token by its id, and end",
  )
    .meta({ placeholder: "id" }),
  listTokens: z.boolean().default(false).describe(
    "list API tokens with their ids, and end",
  ),
  verifyAudit: z.boolean().default(false).describe(
    "check that no line of the audit log was changed, or removed from before others, tell its head, and end",
  ),
  auditHeads: z.array(
    z.string().regex(
      /^[0-9a-f]{64}$/,
      "takes heads as --verify-audit tells them",
    ),
  ).default([]).describe(
    "heads that --verify-audit told before: it checks that they are still in the log",
  ).meta({ placeholder: "hash" }),
});
type Options = z.infer<typeof options>;

/** What the room is expected to offer. */
interface Dashboard {
  serve(
    options: Options,
    context: Context,
    operations: ReturnType<typeof dashboardOperations>,
  ): Promise<void>;
  administer(
    home: ObjectStore,
    task: Readonly<Record<string, unknown>>,
    now: Date,
    readVariable: Context["readVariable"],
  ): Promise<{ ok: boolean; json: unknown; text: string }>;
}

const dashboardSchema = z.object({
  serve: z.custom<Dashboard["serve"]>((value) => typeof value === "function"),
  administer: z.custom<Dashboard["administer"]>((value) =>
    typeof value === "function"
  ),
});

/** Who looks at a page is told of an outage within seconds, and sees what is indexed. */
const IMPATIENT = { AWS_MAX_ATTEMPTS: "4" };

const ADDRESS = new URL("../../dashboard/main.ts", import.meta.url).href;

export const dashboard = verb({
  name: "dashboard",
  summary: "Serve the web page: results, reviews, runs",
  details: `
On this machine it prints a link that logs a browser in, once. To serve others, make API
tokens or set the variables of a team login (OpenID Connect), and put a proxy with HTTPS
in front that passes the Host header on; --public-url is what people type.

  UPTAKE_OIDC_ISSUER         URL of the identity provider, https://...
  UPTAKE_OIDC_CLIENT_ID, UPTAKE_OIDC_CLIENT_SECRET
                             as registered there, with <public url>/login/callback as
                             the address that it sends people back to
  UPTAKE_OIDC_COOKIE_SECRET  any 32 characters or more, the same at each start
  UPTAKE_OIDC_VIEWERS, UPTAKE_OIDC_REVIEWERS, UPTAKE_OIDC_OPERATORS
                             the group whose members may read, review as well, or start
                             and stop runs as well; at least one of them
  UPTAKE_OIDC_ROLE_CLAIM     the claim that tells a person's groups (default: groups)
  UPTAKE_OIDC_SCOPES         what is asked for (default: openid email profile
                             offline_access); without the last, logins end after 5 minutes
  UPTAKE_TRUST_PROXY=true    the address of who logs in is the last of X-Forwarded-For

Operators plan runs over the datasets that the home knows, those of --datasets, and any
under --dataset-roots: whatever they type, nothing else is read. With --allow-submit they
start them too, by --dispatch; workers of this machine go on when the dashboard ends.

On this machine images are read from wherever the home's runs say. A dashboard for others
reads them from the home and from below --datasets and --dataset-roots alone: whoever may
write to the home could name any file that the dashboard can read.

--verify-audit finds lines of the audit log that were changed, or removed while later ones
remain, and tokens and reviews that no line tells of. Whoever may write to the home can
still remove the newest lines, or write the whole log anew: keep the head that it tells in
another place, and give it back with --audit-heads, which finds both.

Examples:
  uptake dashboard --home results/
  uptake dashboard --home results/ --datasets scans/ --allow-submit --workers 2
  uptake dashboard --home s3://bucket/home --dataset-roots s3://scans/pet --allow-submit \\
    --dispatch kubernetes local --dispatch-config dispatch.yaml
  uptake dashboard --home s3://bucket/home --create-token "nightly export" --days 30
  uptake dashboard --home s3://bucket/home --listen 0.0.0.0:8080 \\
    --public-url https://uptake.example.org`,
  options,
  async run(options, context) {
    const { serve, administer } = dashboardSchema.parse(await import(ADDRESS));
    const task = administrationOf(options);
    if (task === null) {
      const { dispatch, dispatchConfig } = options;
      const operations = dashboardOperations({
        ...options,
        dispatches: await pairDispatches(dispatch, dispatchConfig, context),
      }, context);
      const { open } = context;
      const impatient = {
        ...context,
        open: (location: string) => open(location, IMPATIENT),
      };
      await asUsage(() => serve(options, impatient, operations));
      return { exitCode: 0, json: { home: options.home }, text: "Stopped" };
    }
    const { ok, json, text } = await asUsage(() =>
      administer(
        context.open(options.home),
        task,
        new Date(),
        context.readVariable,
      )
    );
    return { exitCode: ok ? 0 : 1, json, text } satisfies Outcome;
  },
});

/** What to do instead of serving, or null. */
function administrationOf(
  {
    createToken,
    role,
    days,
    revokeToken,
    listTokens,
    verifyAudit,
    auditHeads,
  }: Options,
): Readonly<Record<string, unknown>> | null {
  const tasks = [
    ...(createToken === undefined ? [] : [{ createToken, role, days }]),
    ...(revokeToken === undefined ? [] : [{ revokeToken }]),
    ...(listTokens ? [{ listTokens }] : []),
    ...(verifyAudit ? [{ verifyAudit, auditHeads }] : []),
  ];
  if (auditHeads.length > 0 && !verifyAudit) {
    throw new UsageError("--audit-heads goes with --verify-audit");
  }
  if (tasks.length > 1) {
    throw new UsageError(
      "Only one of --create-token, --revoke-token, --list-tokens and --verify-audit at a time",
    );
  }
  return tasks[0] ?? null;
}
