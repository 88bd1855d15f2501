/** @module The form that asks what is to be segmented, with what and how. */
import type {
  NamedStore,
  Operations,
  OptionField,
  Refusal,
} from "../../shared/dispatch/operations.ts";
import { type FilledForm, TYPED_DATASET } from "../submit/asked.ts";
import type { CheckpointChoice, Choices } from "../submit/choices.ts";
import { Empty } from "./message.tsx";
import { foldName } from "./names.ts";

export function SubmitForm({ choices, operations, filled, problem }: {
  choices: Choices;
  operations: Pick<Operations, "fields" | "datasetRoots" | "dispatches">;
  filled: FilledForm;
  /** Why it could not be planned as it was asked for. */
  problem: Refusal | null;
}) {
  const { datasets, checkpoints } = choices;
  const folds = typeof filled.folds === "number" &&
      !choices.folds.includes(filled.folds)
    ? [...choices.folds, filled.folds]
    : choices.folds;
  const { fields, datasetRoots, dispatches } = operations;
  const hasDatasets = datasets.length > 0 || datasetRoots.length > 0;
  if (!hasDatasets || checkpoints.length === 0) {
    return (
      <Missing
        hasDatasets={hasDatasets}
        hasCheckpoints={checkpoints.length > 0}
      />
    );
  }
  return (
    <>
      <p class="muted">
        Choose scans and the checkpoint that segments them. The plan tells first
        what will be done, how long it takes and what it costs.
      </p>
      {problem !== null && (
        <p role="alert" class="notice bad problem">
          {problem.options === undefined
            ? problem.refused
            : `Not planned: see ${
              Object.keys(problem.options).map(wordsOf).join(", ")
            }, under Options`}
        </p>
      )}
      <form method="post" action="/submit" class="card submit">
        <DatasetChoice
          datasets={datasets}
          roots={datasetRoots}
          chosen={filled.dataset}
        />
        <fieldset>
          <legend>Checkpoints</legend>
          {checkpoints.length > 1 && <p class="muted">Several are averaged.</p>}
          <div class="choices">
            {checkpoints.map((checkpoint) => (
              <CheckpointBox
                checkpoint={checkpoint}
                isChosen={checkpoints.length === 1 ||
                  filled.checkpoints.includes(checkpoint.sha256)}
              />
            ))}
          </div>
        </fieldset>
        <label>
          Cases
          <select name="folds">
            <Fold value="all" filled={filled} text="All cases" />
            {(filled.folds === "each" ||
              checkpoints.some(({ fold }) => fold !== null)) && (
              <Fold
                value="each"
                filled={filled}
                text="A run per checkpoint, each with the cases of its fold"
              />
            )}
            {folds.map((fold) => (
              <Fold value={fold} filled={filled} text={`Only fold ${fold}`} />
            ))}
          </select>
        </label>
        {dispatches.length > 1 && (
          <label>
            Workers
            <select name="dispatch">
              {dispatches.map(({ name, description }) => (
                <option value={name} selected={name === filled.dispatch}>
                  {description}
                </option>
              ))}
            </select>
          </label>
        )}
        <details open={Object.keys(filled.options).length > 0}>
          <summary>Options</summary>
          <div class="options">
            {fields.map((field) => (
              <Field
                field={field}
                given={filled.options[field.name]}
                problem={problem?.options?.[field.name]}
              />
            ))}
          </div>
        </details>
        <p class="row actions">
          <button type="submit" class="button">Plan</button>
          <span class="muted">
            Nothing starts before you have seen the plan.
          </span>
        </p>
      </form>
    </>
  );
}

function DatasetChoice({ datasets, roots, chosen }: {
  datasets: readonly NamedStore[];
  roots: readonly string[];
  chosen: string;
}) {
  const isKnown = datasets.some(({ location }) => location === chosen);
  const mayType = roots.length > 0;
  const isTyped = mayType && chosen !== "" && !isKnown;
  return (
    <>
      {datasets.length > 0 && (
        <label>
          Dataset
          <select name="dataset" required>
            {datasets.length > 1 && <option value="">Choose a dataset</option>}
            {datasets.map(({ name, location }) => (
              <option value={location} selected={location === chosen}>
                {name === "" ? location : `${name} (${location})`}
              </option>
            ))}
            {mayType && (
              <option value={TYPED_DATASET} selected={isTyped}>
                Another, typed below
              </option>
            )}
          </select>
        </label>
      )}
      {mayType && (
        <label class={datasets.length > 0 ? "typed" : undefined}>
          {datasets.length > 0 ? "The other dataset" : "Dataset"}
          <input
            name="location"
            value={isTyped ? chosen : ""}
            placeholder={`${roots[0]}/...`}
            maxlength={2000}
            required={datasets.length === 0}
            autocomplete="off"
            spellcheck={false}
          />
          <span class="below">
            Its location, under {roots.join(" or ")}
          </span>
        </label>
      )}
    </>
  );
}

function CheckpointBox({ checkpoint, isChosen }: {
  checkpoint: CheckpointChoice;
  isChosen: boolean;
}) {
  const { name, family, fold, sha256, location } = checkpoint;
  return (
    <label class="choice">
      <input
        type="checkbox"
        name="checkpoint"
        value={sha256}
        checked={isChosen}
      />
      <span class="choice-text">
        {name.slice(name.lastIndexOf("/") + 1)}
        <span class="below">
          {family === null
            ? `Of a run, not registered: ${location}`
            : `${family}, ${foldName(fold).toLowerCase()}`}
        </span>
      </span>
    </label>
  );
}

function Fold({ value, filled, text }: {
  value: FilledForm["folds"];
  filled: FilledForm;
  text: string;
}) {
  return (
    <option value={String(value)} selected={value === filled.folds}>
      {text}
    </option>
  );
}

function Field({ field, given, problem }: {
  field: OptionField;
  given: string | undefined;
  /** What is wrong with it: `must be 0 or more`. */
  problem: string | undefined;
}) {
  const { name, kind, choices, standard, placeholder, description } = field;
  const value = given ?? standard;
  const text = wordsOf(name);
  const help = (
    <>
      {problem !== undefined && (
        <span class="below bad" id={`wrong-${name}`}>{text} {problem}</span>
      )}
      <span class="below">
        {description.charAt(0).toUpperCase() + description.slice(1)}
      </span>
    </>
  );
  const invalid = problem === undefined ? {} : {
    "aria-invalid": "true" as const,
    "aria-describedby": `wrong-${name}`,
  };
  if (kind === "boolean") {
    return (
      <label class="choice">
        <input
          type="checkbox"
          name={name}
          value="true"
          checked={value === "true"}
          {...invalid}
        />
        <span class="choice-text">{text}{help}</span>
      </label>
    );
  }
  return (
    <label>
      {text}
      {kind === "choice"
        ? (
          <select name={name} {...invalid}>
            {standard === "" && <option value="">As the dataset tells</option>}
            {choices.map((choice) => (
              <option value={choice} selected={choice === value}>
                {choice}
              </option>
            ))}
          </select>
        )
        : (
          <input
            name={name}
            value={value}
            placeholder={placeholder}
            maxlength={200}
            inputmode={kind === "number" ? "decimal" : undefined}
            autocomplete="off"
            {...invalid}
          />
        )}
      {help}
    </label>
  );
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  overlap: "Overlap of windows (part of one)",
  roi: "Window size (voxels)",
  swBatch: "Windows per pass",
  mode: "Weighting of windows",
  tta: "Test-time augmentation",
  minLesionMl: "Smallest lesion (ml)",
  unit: "Unit of the images",
  threads: "CPU threads",
  secondsPerWindow: "Time per window (s)",
  termSeconds: "Silence of a lost worker (s)",
};

/** `saveProbabilities`: "Save probabilities". */
export function wordsOf(name: string): string {
  const known = FIELD_NAMES[name];
  if (known !== undefined) return known;
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Missing({ hasDatasets, hasCheckpoints }: {
  hasDatasets: boolean;
  hasCheckpoints: boolean;
}) {
  return (
    <Empty title="Nothing can be planned yet">
      {!hasCheckpoints && (
        <p>
          There is no checkpoint: <a href="/checkpoints">register one</a>.
        </p>
      )}
      {!hasDatasets && (
        <p>
          There is no dataset: name some when you start the dashboard, with{" "}
          <code>--datasets</code>, or the stores that hold them, with{" "}
          <code>--dataset-roots</code>. Datasets of runs are offered by
          themselves.
        </p>
      )}
    </Empty>
  );
}
