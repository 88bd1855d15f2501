/** @module Uploads a checkpoint, and says what came of it. */
import { bytesText } from "../../shared/units_text.ts";

const form = document.querySelector<HTMLFormElement>("#upload");
const button = form?.querySelector<HTMLButtonElement>("button");
const state = document.querySelector<HTMLElement>("#upload-state");

function say(text: string, isBad = false): void {
  if (state === null) return;
  state.textContent = text;
  state.classList.toggle("bad", isBad);
}

/** The sentence of an answer that is a refusal. */
async function problemOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    return JSON.parse(text).error.message;
  } catch {
    return `The dashboard answered with ${answer.status}`;
  }
}

async function upload(form: HTMLFormElement): Promise<void> {
  const data = new FormData(form);
  const file = data.get("file");
  if (!(file instanceof File)) return;
  if (file.size > Number(form.dataset.maxBytes)) {
    say(`This file has ${bytesText(file.size)}, which is too large`, true);
    return;
  }
  const query = new URLSearchParams();
  for (const name of ["name", "family", "fold"]) {
    const value = String(data.get(name) ?? "").trim();
    if (value !== "") query.set(name, value);
  }
  if (!query.has("name")) {
    query.set("name", file.name.replace(/\.safetensors$/, ""));
  }
  say(`Sending and checking ${bytesText(file.size)}`);
  const answer = await fetch(`/api/v1/checkpoints?${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  if (answer.ok) location.reload();
  else say(await problemOf(answer), true);
}

if (form !== null && button) {
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await upload(form);
    } catch {
      say("The dashboard does not answer", true);
    } finally {
      button.disabled = false;
    }
  });
}
