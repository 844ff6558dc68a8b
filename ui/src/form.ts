// Forms: what was typed is guarded, saving has a shortcut, errors get the focus.
import htmx from "htmx.org";
import Tab from "@tabler/core/js/src/bootstrap/tab";
import { savesOnLeaving } from "./autosave";
import { all, closest } from "./dom";
import { onPage } from "./visits";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement;

/** What is saved of each form, by field name. */
const saved = new WeakMap<HTMLFormElement, Map<string, string>>();
let leaving = false;

export function startForms(): void {
  onPage(() => (leaving = false));
  htmx.onLoad((root) => {
    for (const form of all<HTMLFormElement>(root as HTMLElement, "form[data-record-form]")) {
      // A draft that was put back has its saved values from before.
      if (!saved.has(form)) rememberValues(form);
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
    if (!leaving && guarded().some((form) => isDirty(form) && !savesOnLeaving(form))) event.preventDefault();
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

/** Takes a form's present values as the saved ones, but where the server says what is stored. */
export function rememberValues(form: HTMLFormElement): void {
  const present = formValues(form);
  for (const [name, stored] of storedValues(form)) present.set(name, stored);
  saved.set(form, present);
}

/** Takes what was saved of another form that this one stands for. */
export function takeAsSaved(form: HTMLFormElement, before: Map<string, string>): void {
  saved.set(form, before);
}

/** Whether it is known what is saved of a form. */
export function isRemembered(form: HTMLFormElement): boolean {
  return saved.has(form);
}

/** What is saved of a form, by field name; to be changed where somebody else saves something. */
export function savedValues(form: HTMLFormElement): Map<string, string> {
  return saved.get(form) ?? new Map();
}

/** Whether a form holds anything that was not saved. */
export function isDirty(form: HTMLFormElement): boolean {
  const before = saved.get(form);
  if (!before) return false;
  const now = formValues(form);
  return [...now.keys(), ...before.keys()].some((name) => now.get(name) !== before.get(name));
}

/** What a form would send of each field; what only accompanies the fields is left out. */
export function formValues(form: HTMLFormElement): Map<string, string> {
  return valuesOf(form.elements);
}

/** What would be sent of a single field. */
export function fieldValue(field: HTMLElement): string {
  return valuesOf(field.querySelectorAll("input, select, textarea")).get(field.dataset.field ?? "") ?? "[]";
}

/** Whether a value of a field is none. */
export function holdsNothing(value: string): boolean {
  return (JSON.parse(value) as string[]).every((text) => text === "");
}

function valuesOf(controls: Iterable<Element>): Map<string, string> {
  const lists = new Map<string, string[]>();
  for (const element of controls) {
    const control = element as Control;
    if (!control.name || ["csrf", "version", "once", "take"].includes(control.name) || control.name.startsWith("seen_")) continue;
    if (control.matches(":disabled")) continue;
    // Line ends are sent as CR LF, whatever the field was given.
    const texts = sent(control).map((text) => text.replaceAll("\r\n", "\n"));
    if (texts.length > 0) lists.set(control.name, [...(lists.get(control.name) ?? []), ...texts]);
  }
  return new Map([...lists].map(([name, texts]) => [name, JSON.stringify(texts)]));
}

/** Read from the control itself: for `FormData` the browser lays the page out once it meets a text area. */
function sent(control: Control): string[] {
  if (control instanceof HTMLSelectElement) return [...control.selectedOptions].filter((option) => !option.disabled).map((option) => option.value);
  if (control instanceof HTMLTextAreaElement) return [control.value];
  if (!(control instanceof HTMLInputElement) || ["submit", "button", "reset", "image"].includes(control.type)) return [];
  if (["checkbox", "radio"].includes(control.type)) return control.checked ? [control.value] : [];
  if (control.type === "file") return [...(control.files ?? [])].map(({ name, size }) => `${name} ${size}`);
  return [control.value];
}

/** What is stored in the fields of a page that shows something else, such as what was refused. Files are only sent. */
function storedValues(form: HTMLFormElement): [string, string][] {
  const isOf = (field: HTMLElement): boolean => field.querySelector("[form]")?.getAttribute("form") === form.id;
  const fields = all(document, ".field[data-stored]").filter((field) => isOf(field) && !field.querySelector("input[type=file]"));
  return fields.map((field) => {
    const stored = field.dataset.stored ?? "";
    const boxes = all<HTMLInputElement>(field, "input[type=checkbox]:not([name=take])");
    let texts = [stored];
    if (field.querySelector("[role=switch]")) texts = stored === "true" ? ["false", "true"] : ["false"];
    else if (boxes.length > 0) texts = ["", ...stored.split(",").filter(Boolean)];
    return [field.dataset.field ?? "", JSON.stringify(texts)];
  });
}

function guarded(): HTMLFormElement[] {
  return all<HTMLFormElement>(document, "form[data-guard]");
}

function showDirty(event: Event): void {
  const form = (event.target as HTMLInputElement).form;
  if (form?.matches("[data-guard]")) markDirty(form);
}

export function markDirty(form: HTMLFormElement): void {
  const mark = form.closest("#record")?.querySelector<HTMLElement>("[data-dirty-mark]");
  if (mark) mark.hidden = !isDirty(form);
  document.dispatchEvent(new CustomEvent("record-dirty"));
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

/** Gives a field the focus, in whatever tab it stands. */
export function goToField(id: string): void {
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
