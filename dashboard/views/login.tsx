/** @module The page that asks who one is. */
import { address } from "./list.tsx";

/**
 * @param problem why what was shown is not enough; null: nothing was shown yet
 * @param then where to go afterwards: a path of this site
 */
export function LoginForm({ problem, then, hasLinks, hasOidc }: {
  problem: string | null;
  then: string;
  hasLinks: boolean;
  hasOidc: boolean;
}) {
  return (
    <section class="card login">
      {problem !== null && <p role="alert" class="bad">{problem}.</p>}
      {hasLinks && (
        <p>
          Open the login link that stands in the terminal in which{" "}
          <code>uptake dashboard</code>{" "}
          runs. Each link works once; a new one appears there when one was used.
        </p>
      )}
      {hasOidc && (
        <p>
          <a class="button" href={address("/login/team", { then })}>
            Log in with your team account
          </a>
        </p>
      )}
      <form method="post" action="/login">
        <input type="hidden" name="then" value={then} />
        <label>
          API token
          <input
            type="password"
            name="token"
            required
            autocomplete="off"
            spellcheck={false}
            placeholder="uptake_…"
          />
        </label>
        <button type="submit" class="button">Log in</button>
      </form>
    </section>
  );
}
