// Under which names drafts of short forms lie in the storage: PAGE#FORM, and #FORM where the form belongs to no
// page. FORM is the address by which the form is asked for, with what it is about.
import { address } from "./visits";

/** On a timeline, for a new record beside what is open, for what a lead becomes, for how a deal ended. */
export const SHORT = "form[data-composer], #quick-create form, #qualification form[action$='/qualification'], #closure form";

/** What an address tells a form beside what it is about: who asked for it, and what was typed there. */
const BESIDE = ["for", "name", "stay"];
const names = new WeakMap<HTMLFormElement, string>();

/** Names the draft of a form that came from an address; of one that came in its place, after the former. */
export function nameForm(form: HTMLFormElement, name: string): void {
  names.set(form, name);
}

export function nameOf(form: HTMLFormElement): string {
  return names.get(form) ?? `${form.matches("[data-composer]") ? address().pathname : ""}#${actionOf(form)}`;
}

/** The name of the draft of a form for a new record, by the address that it came from. */
export function nameOfNew(from: string): string {
  const url = new URL(from, location.href);
  for (const name of BESIDE) url.searchParams.delete(name);
  return `#${url.pathname}${url.search}`;
}

export function actionOf(form: Element): string {
  return form.getAttribute("action") ?? "";
}

/** The address of the short form that a draft is of; none for that of a record's form. */
export function formAddress(name: string): string | undefined {
  return name.split("#")[1];
}

/** Whether a draft belongs to the page that is open. */
export function isHere(name: string): boolean {
  return name === address().pathname || name.startsWith(`${address().pathname}#`);
}
