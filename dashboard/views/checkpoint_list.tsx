/** @module Registered checkpoints, and the form that uploads one. */
import { bytesText } from "../../shared/units_text.ts";
import type { RegisteredEntry } from "../../shared/dispatch/operations.ts";
import { Empty } from "./message.tsx";
import { Name } from "./name.tsx";
import { foldName } from "./names.ts";
import { timeText } from "./numbers.ts";

export function CheckpointList({ checkpoints, problems, maxBytes }: {
  checkpoints: readonly RegisteredEntry[];
  problems: readonly string[];
  maxBytes: number;
}) {
  return (
    <>
      {checkpoints.length === 0
        ? (
          <Empty title="No checkpoint is registered">
            <p>
              Register one below: it can then be chosen for runs, and is
              evaluated when all are evaluated anew.
            </p>
          </Empty>
        )
        : <CheckpointTable checkpoints={checkpoints} />}
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

function CheckpointTable(
  { checkpoints }: { checkpoints: readonly RegisteredEntry[] },
) {
  return (
    <div class="table" tabindex={0} role="region" aria-label="Checkpoints">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Family</th>
            <th scope="col">Fold</th>
            <th scope="col">Registered (UTC)</th>
            <th scope="col" class="number">Size</th>
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
              <td>{checkpoint.family}</td>
              <td>{foldName(checkpoint.fold)}</td>
              <td>{timeText(checkpoint.registeredAt)}</td>
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
