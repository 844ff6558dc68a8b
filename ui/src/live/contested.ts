// Beside a field that is being edited: what somebody else put into it, and the choice between both.
import { all, facing } from "../dom";
import type { FieldChange } from "./record";
import { say } from "./status";
import { said } from "../words";

/** Whether there is something to choose, at all or about one field. */
export function isContested(record: HTMLElement, name?: string): boolean {
  return all(record, "[data-live-theirs]").some((note) => name === undefined || note.dataset.liveTheirs === name);
}

/** Offers the other value; a later one takes the place of an earlier one. */
export function offer(field: HTMLElement, change: FieldChange, accept: () => void, refuse: () => void): void {
  forget(field);
  const name = field.dataset.field ?? "";
  const note = document.createElement("div");
  note.className = "field-theirs";
  note.dataset.liveTheirs = name;
  note.setAttribute("role", "group");
  note.setAttribute("aria-label", said("{field}: two values", { field: change.label }));
  const text = document.createElement("p");
  text.id = `field-${name}-theirs`;
  text.textContent = `${change.text}.`;
  const end = (act: () => void) => () => {
    forget(field);
    act();
  };
  note.append(text, button(said("Take"), said("Take {value} for {field}", { value: change.value, field: change.label }), end(accept)));
  note.append(button(said("Keep mine"), said("Keep mine for {field}", { field: change.label }), end(() => {
    refuse();
    facing(field)?.focus();
  })));
  (field.querySelector(".field-control") ?? field).append(note);
  facing(field)?.setAttribute("aria-describedby", text.id);
  say(said("{field}: {text}. What you typed is kept; choose beside the field.", { field: change.label, text: change.text }));
}

/** Takes the offer away, as well one that came with the page. */
export function forget(field: HTMLElement): void {
  const notes = all(field, "[data-live-theirs], [data-theirs]");
  if (notes.length === 0) return;
  for (const note of notes) note.remove();
  facing(field)?.removeAttribute("aria-describedby");
}

function button(words: string, name: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = words;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}
