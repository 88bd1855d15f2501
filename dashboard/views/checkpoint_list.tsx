/** @module Registered checkpoints, and the form that uploads one. */
import { bytesText } from "../../shared/units_text.ts";
import type { RegisteredEntry } from "../../shared/dispatch/operations.ts";
import type { Page } from "../../shared/catalog/queries/page.ts";
import type { CheckpointListing } from "../submit/checkpoint_listing.ts";
import { Choice, Filters, Pager, Search, SortHead } from "./list.tsx";
import { Empty } from "./message.tsx";
import { Name } from "./name.tsx";
import { foldName, readable } from "./names.ts";
import { timeText } from "./numbers.ts";

export function CheckpointList(
  { families, checkpoints, listing, page, problems, maxBytes }: {
    /** Of all that are registered; empty: none is. */
    families: readonly string[];
    checkpoints: Page<RegisteredEntry>;
    listing: CheckpointListing;
    page: number;
    problems: readonly string[];
    maxBytes: number;
  },
) {
  return (
    <>
      {families.length === 0
        ? (
          <Empty title="No checkpoint is registered">
            <p>
              Register one below: it can then be chosen for runs, and is
              evaluated when all are evaluated anew.
            </p>
          </Empty>
        )
        : (
          <>
            <CheckpointFilters families={families} listing={listing} />
            {checkpoints.total === 0
              ? (
                <Empty title="No checkpoint matches">
                  <p>
                    <a href="/checkpoints">Show all checkpoints</a>
                  </p>
                </Empty>
              )
              : (
                <>
                  <CheckpointTable
                    checkpoints={checkpoints.items}
                    listing={listing}
                  />
                  <Pager
                    path="/checkpoints"
                    query={listing}
                    page={page}
                    total={checkpoints.total}
                    one="checkpoint"
                  />
                </>
              )}
          </>
        )}
      {problems.map((problem) => <p key={problem} class="warn">{problem}</p>)}
      <section class="part upload">
        <h2>Register a checkpoint</h2>
        <form id="upload" class="card" data-max-bytes={maxBytes}>
          <label>
            File (.safetensors, {maxBytes / 1024 ** 2} MiB at most)
            <input type="file" name="file" accept=".safetensors" required />
            <span class="below">
              PyTorch's .pth becomes one by <code>uptake import</code>
            </span>
          </label>
          <label>
            Name
            <input name="name" maxlength={100} placeholder="The file's" />
          </label>
          <label>
            Family: checkpoints that replace each other
            <input
              name="family"
              maxlength={100}
              placeholder="What the file tells"
            />
          </label>
          <label>
            Fold, whose cases it has not seen
            <input
              name="fold"
              inputmode="numeric"
              pattern="[0-9]{1,3}"
              placeholder="What the file tells"
            />
          </label>
          <p>
            <button type="submit" class="button" disabled>Register</button>
          </p>
          <p id="upload-state" role="status"></p>
          <noscript>
            <p class="warn">Uploading needs JavaScript.</p>
          </noscript>
        </form>
      </section>
    </>
  );
}

function CheckpointFilters({ families, listing }: {
  families: readonly string[];
  listing: CheckpointListing;
}) {
  const { search, family, sort, direction } = listing;
  return (
    <Filters path="/checkpoints" keep={{ sort, direction }}>
      <Search
        value={search}
        label="Search"
        placeholder="Name, family or SHA-256"
      />
      <Choice
        name="family"
        label="Family"
        value={family}
        options={[
          { value: "", name: "All" },
          ...families.map((name) => ({ value: name, name: readable(name) })),
        ]}
      />
    </Filters>
  );
}

function CheckpointTable({ checkpoints, listing }: {
  checkpoints: readonly RegisteredEntry[];
  listing: CheckpointListing;
}) {
  const head = { path: "/checkpoints", query: listing, sorting: listing };
  return (
    <div class="table" tabindex={0} role="region" aria-label="Checkpoints">
      <table>
        <thead>
          <tr>
            <SortHead {...head} by="name" first="ascending" number={false}>
              Name
            </SortHead>
            <th scope="col">Family</th>
            <th scope="col">Fold</th>
            <SortHead {...head} by="registeredAt" number={false}>
              Registered (UTC)
            </SortHead>
            <SortHead {...head} by="bytes">Size</SortHead>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {checkpoints.map((checkpoint) => (
            <tr>
              <th scope="row" class="name">
                <a href={`/submit?checkpoint=${checkpoint.sha256}`}>
                  <Name>{checkpoint.name}</Name>
                </a>
              </th>
              <td class="name">
                <Name>{readable(checkpoint.family)}</Name>
              </td>
              <td>{foldName(checkpoint.fold)}</td>
              <td class="time">{timeText(checkpoint.registeredAt)}</td>
              <td class="number">{bytesText(checkpoint.bytes)}</td>
              <td>
                <code>{checkpoint.sha256.slice(0, 12)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
