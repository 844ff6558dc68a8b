// Calculated fields follow what one types: the server works them out, as it would on saving.
import { all, closest } from "./dom";

/** How long after the last key, in milliseconds. */
const AFTER = 350;

let timer: ReturnType<typeof setTimeout> | undefined;
/** Answers to earlier questions are not shown any more. */
let asked = 0;

export function startCalculated(): void {
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = (event.target as HTMLInputElement).form;
      if (!form?.matches("form[data-calculation]") || closest(event, "[data-live-theirs]")) return;
      clearTimeout(timer);
      timer = setTimeout(() => void workOut(form), AFTER);
    });
  }
}

async function workOut(form: HTMLFormElement): Promise<void> {
  const question = ++asked;
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") values.append(name, value);
  try {
    const response = await fetch(form.dataset.calculation ?? "", { method: "POST", body: values, credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (!response.ok || question !== asked || !form.isConnected) return;
    show(form, new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    // They are worked out again with the next key, and on saving in any case.
  }
}

function show(form: HTMLFormElement, answer: Document): void {
  const record = form.closest("#record");
  for (const field of all(answer, ".field[data-field]")) {
    const old = record?.querySelector(`.form-section .field[data-field="${CSS.escape(field.dataset.field ?? "")}"] .field-control`);
    const fresh = field.querySelector(".field-control");
    if (old && fresh && old.textContent !== fresh.textContent) old.replaceWith(document.importNode(fresh, true));
  }
}
