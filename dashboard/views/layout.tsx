/**
 * The frame of every page: head, navigation, theme switch, footer.
 * @module
 */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { VERSION } from "../../shared/version.ts";
import type { Identity } from "../auth/identity.ts";
import { type Role, suffices } from "../auth/roles.ts";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { ageText } from "./age_text.ts";

/** The pages that every page leads to. */
export const NAVIGATION = [
  { href: "/", name: "Overview", role: "viewer" },
  { href: "/compare", name: "Compare", role: "viewer" },
  { href: "/runs", name: "Runs", role: "viewer" },
  { href: "/review", name: "Review", role: "viewer" },
  { href: "/submit", name: "Submit", role: "operator" },
  { href: "/checkpoints", name: "Checkpoints", role: "operator" },
  { href: "/schedules", name: "Schedules", role: "operator" },
  { href: "/diagnostics", name: "Diagnostics", role: "viewer" },
] as const;

const THEMES = [
  { value: "auto", name: "As the system" },
  { value: "light", name: "Light" },
  { value: "dark", name: "Dark" },
] as const;

/** Holds the theme, so that pages come in it at once; scripts write it. */
export const THEME_COOKIE = "uptake_theme";

export interface PageOptions {
  /** Stands in the browser's tab and above the page. */
  readonly title: string;
  /** The page of the navigation that this one belongs to. */
  readonly section?: typeof NAVIGATION[number]["href"];
  /** Scripts of `browser/` that the page needs beside the frame's, such as `runs.js`. */
  readonly scripts?: readonly string[];
  /** Headings of another kind than the title alone stand in the content then. @default true */
  readonly hasHeading?: boolean;
  readonly status?: ContentfulStatusCode;
  /** Load the page again at once, as one of this site. @default false */
  readonly reloads?: boolean;
}

/** A whole page as the answer to a request. */
export function page(
  c: Context<Env>,
  deps: Pick<DashboardDeps, "assets" | "freshness" | "now">,
  options: PageOptions,
  content: Child,
): Response | Promise<Response> {
  const { title, section, scripts = [], hasHeading = true } = options;
  const { assets } = deps;
  const theme =
    THEMES.find(({ value }) => value === getCookie(c, THEME_COOKIE)) ??
      THEMES[0];
  const identity = c.get("identity");
  const tree = (
    <html lang="en" data-theme={theme.value}>
      <head>
        <meta charset="utf-8" />
        <meta
          name="viewport"
          content="width=device-width, initial-scale=1"
        />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Uptake`}</title>
        {options.reloads && <meta http-equiv="refresh" content="0" />}
        <link rel="icon" href={assets.url("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.url("uptake.css")} />
        <link rel="stylesheet" href={assets.url("results.css")} />
        {["shell.js", ...scripts].map((name) => (
          <script type="module" src={assets.url(name)}></script>
        ))}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">
            <img src={assets.url("icon.svg")} alt="" width="24" height="24" />
            Uptake
          </a>
          {identity !== null && (
            <Navigation section={section} role={identity.role} />
          )}
          <ThemeSwitch theme={theme.value} />
        </header>
        <main id="content" tabindex={-1}>
          {hasHeading && <h1>{title}</h1>}
          {content}
        </main>
        <Footer deps={deps} identity={identity} />
      </body>
    </html>
  );
  return c.html(html`<!DOCTYPE html>${tree}`, options.status ?? 200);
}

function Navigation({ section, role }: {
  section: PageOptions["section"];
  role: Role;
}) {
  const pages = NAVIGATION.filter((page) => suffices(role, page.role));
  return (
    <nav aria-label="Pages">
      <ul>
        {pages.map(({ href, name }) => (
          <li>
            <a href={href} aria-current={href === section ? "page" : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Does nothing without scripts, so that it is hidden until they run. */
function ThemeSwitch({ theme }: { theme: string }) {
  return (
    <label class="theme" hidden>
      <span class="visually-hidden">Colours</span>
      <select id="theme">
        {THEMES.map(({ value, name }) => (
          <option value={value} selected={value === theme}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Footer({ deps, identity }: {
  deps: Pick<DashboardDeps, "freshness" | "now">;
  identity: Identity | null;
}) {
  return (
    <footer class="bottom">
      <span>Uptake {VERSION}</span>
      {identity !== null && (
        <>
          <IndexAge deps={deps} />
          <form method="post" action="/logout">
            <span id="person">{identity.actor}, {identity.role}</span>
            <button type="submit" class="link">Log out</button>
          </form>
        </>
      )}
    </footer>
  );
}

/** What the index last matched the store; a script keeps it up to date. */
function IndexAge({ deps }: {
  deps: Pick<DashboardDeps, "freshness" | "now">;
}) {
  const { indexedAt, failure } = deps.freshness.state();
  return (
    <span
      id="index-age"
      class={failure === null ? undefined : "bad"}
      data-indexed-at={indexedAt?.toISOString()}
      data-failed={failure === null ? undefined : ""}
    >
      {ageText(indexedAt, failure !== null, deps.now())}
    </span>
  );
}
