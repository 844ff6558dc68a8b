// Forms: what was typed is guarded, saving has a shortcut, errors get the focus.
import htmx from "htmx.org";
import Tab from "@tabler/core/js/src/bootstrap/tab";
import { all, closest } from "./dom";

const saved = new WeakMap<HTMLFormElement, string>();
let leaving = false;

export function startForms(): void {
  htmx.onLoad((root) => {
    for (const form of all<HTMLFormElement>(root as HTMLElement, "form[data-record-form]")) {
      // What was refused or brought back is not saved, however unchanged it stands there.
      if (form.dataset.refused !== undefined || form.dataset.restored !== undefined) saved.set(form, "");
      else rememberValues(form);
      markDirty(form);
    }
    const summary = all(root as HTMLElement, "[data-error-summary]")[0];
    summary?.focus();
  });
  document.addEventListener("input", showDirty);
  document.addEventListener("change", showDirty);
  document.addEventListener("submit", () => (leaving = true));
  document.addEventListener("htmx:afterRequest", () => (leaving = false));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && guarded().some(isDirty)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") saveByKey(event);
  });
  document.addEventListener("click", (event) => {
    const link = closest<HTMLAnchorElement>(event, "a[data-goto-field]");
    if (!link) return;
    event.preventDefault();
    goToField(decodeURIComponent(link.hash.slice(1)));
  });
}

/** Takes a form's present values as the saved ones. */
export function rememberValues(form: HTMLFormElement): void {
  saved.set(form, values(form));
}

/** Whether a form holds anything that was not saved. */
export function isDirty(form: HTMLFormElement): boolean {
  const before = saved.get(form);
  return before !== undefined && before !== values(form);
}

function values(form: HTMLFormElement): string {
  const pairs = [...new FormData(form)].map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]);
  return JSON.stringify(pairs);
}

function guarded(): HTMLFormElement[] {
  return all<HTMLFormElement>(document, "form[data-guard]");
}

function showDirty(event: Event): void {
  const form = (event.target as HTMLInputElement).form;
  if (form?.matches("[data-guard]")) markDirty(form);
}

function markDirty(form: HTMLFormElement): void {
  const mark = form.closest("#record")?.querySelector<HTMLElement>("[data-dirty-mark]");
  if (mark) mark.hidden = !isDirty(form);
}

/** Saves the open dialog's form, or else the record's, as its own button would. */
function saveByKey(event: KeyboardEvent): void {
  const form = document.querySelector<HTMLFormElement>("dialog[open] form") ?? guarded()[0];
  if (!form) return;
  event.preventDefault();
  // The field's own "change" must come first: numbers are tidied by it.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const button = [...form.elements].find((element) => element.matches("[type=submit].btn-primary"));
  form.requestSubmit(button instanceof HTMLButtonElement && !button.disabled ? button : undefined);
}

function goToField(id: string): void {
  const field = document.getElementById(id);
  if (!field) return;
  const tab = field.closest(".tab-pane:not(.active)")?.getAttribute("aria-labelledby");
  const button = tab ? document.getElementById(tab) : null;
  if (button) Tab.getOrCreateInstance(button).show();
  // A lookup's own select is hidden behind its text box.
  const visible = field.closest(".field")?.querySelector<HTMLElement>(".ts-control input") ?? field;
  visible.focus();
  visible.scrollIntoView({ block: "center" });
}
