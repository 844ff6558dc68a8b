// What was typed and not saved, as it lies in the storage of this tab: by name, with what was saved then.
// It belongs to whoever typed it.
import { savedValues } from "./form";

export interface Draft {
  version: string;
  values: [name: string, value: string, label: string][];
  /** What was saved then, by field name. */
  saved?: [name: string, value: string][];
  /** When it was typed. */
  typed?: number;
  /** Names of files that were chosen, which cannot be kept. */
  files?: string[];
}

/** As it lies in the storage: under its name. */
export type Kept = [name: string, draft: string];

const PREFIX = "draft ";
/** Whose drafts these are. */
const OWNER = "drafts of";
let closed = false;

/** Whose page this is, by their number. */
export function person(): string | undefined {
  return document.querySelector<HTMLElement>("[data-person]")?.dataset.person;
}

/** Keeps what stands in a form now. */
export function keepForm(name: string, form: HTMLFormElement): void {
  if (closed) return;
  leaveToOwner();
  const files = [...form.elements].flatMap((element) => (element instanceof HTMLInputElement ? [...(element.files ?? [])] : [])).map((file) => file.name);
  const draft: Draft = { version: version(form), values: valuesOf(form), saved: [...savedValues(form)], typed: Date.now(), files };
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // Without room the form still works; only the reload is not covered.
  }
}

export function readDraft(name: string): Draft | null {
  return parsed(sessionStorage.getItem(PREFIX + name));
}

export function forgetDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** The drafts whose names begin so, the newest first. */
export function draftNames(beginning: string): string[] {
  const named = Object.entries({ ...sessionStorage }).filter(([key]) => key.startsWith(PREFIX + beginning)) as Kept[];
  return newestFirst(named).map(([key]) => key.slice(PREFIX.length));
}

export function newestFirst(drafts: Kept[]): Kept[] {
  return drafts.sort(([, one], [, other]) => (parsed(other)?.typed ?? 0) - (parsed(one)?.typed ?? 0));
}

function parsed(text: string | null): Draft | null {
  try {
    return JSON.parse(text ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

/** The drafts of this tab, which keeps none from now on. */
export function giveUpDrafts(): Kept[] {
  const drafts = Object.entries({ ...sessionStorage }).filter(([key]) => key.startsWith(PREFIX)) as Kept[];
  forgetAll();
  closed = true;
  return drafts;
}

/** Takes in drafts that another browser or tab had, but where there is one already; their names. */
export function takeIn(drafts: Kept[]): string[] {
  const known = drafts.filter(([key]) => key.startsWith(PREFIX));
  for (const [key, draft] of known) if (sessionStorage.getItem(key) === null) sessionStorage.setItem(key, draft);
  return known.map(([key]) => key.slice(PREFIX.length));
}

function forgetAll(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

/** Forgets what somebody else typed. A page that names nobody, such as the sign-in, says nothing of who comes next. */
export function leaveToOwner(): void {
  const owner = person();
  if (!owner || sessionStorage.getItem(OWNER) === owner) return;
  forgetAll();
  sessionStorage.setItem(OWNER, owner);
}

/** A draft belongs to the row version it was typed over. */
export function version(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>("input[name=version]")?.value ?? "new";
}

/** What a field holds by a draft, as `savedValues` has it. */
export function typedValue(draft: Draft, name: string): string {
  return JSON.stringify(draft.values.filter(([own]) => own === name).map(([, value]) => value));
}

/** The fields in which a draft holds something else than was saved then. */
export function typedNames(draft: Draft): Set<string> {
  const saved = new Map(draft.saved);
  const names = new Set([...saved.keys(), ...draft.values.map(([name]) => name)]);
  return new Set([...names].filter((name) => typedValue(draft, name) !== (saved.get(name) ?? "[]")));
}

/** All that a form holds by field, but passwords and files. */
export function valuesOf(form: HTMLFormElement): Draft["values"] {
  const values: Draft["values"] = [];
  for (const element of form.elements) {
    if (element instanceof HTMLSelectElement) {
      for (const option of element.selectedOptions) values.push([element.name, option.value, option.textContent ?? ""]);
    } else if (element instanceof HTMLInputElement) {
      if (["file", "submit", "password"].includes(element.type) || !element.name || element.name === "csrf") continue;
      if (["checkbox", "radio"].includes(element.type) && !element.checked) continue;
      values.push([element.name, element.value, ""]);
    } else if (element instanceof HTMLTextAreaElement) {
      values.push([element.name, element.value, ""]);
    }
  }
  return values;
}

/** Puts what a draft holds of the wanted fields into a form. */
export function putDraft(form: HTMLFormElement, draft: Draft, wanted: (name: string) => boolean): void {
  for (const element of form.elements) {
    if (!("name" in element) || !element.name || !wanted(element.name as string)) continue;
    const own = draft.values.filter(([name]) => name === element.name);
    if (element instanceof HTMLSelectElement) {
      for (const option of element.options) option.selected = false;
      for (const [, value, label] of own) {
        if (![...element.options].some((option) => option.value === value)) element.append(new Option(label, value));
        for (const option of element.options) if (option.value === value) option.selected = true;
      }
    } else if (element instanceof HTMLInputElement) {
      // What may have been sent already is sent under the same key.
      if (element.name === "once" && own[0]) element.value = own[0][1];
      if (["file", "submit", "hidden", "password"].includes(element.type)) continue;
      if (["checkbox", "radio"].includes(element.type)) element.checked = own.some(([, value]) => value === element.value);
      else if (own[0]) element.value = own[0][1];
    } else if (element instanceof HTMLTextAreaElement && own[0]) {
      element.value = own[0][1];
    }
  }
}
