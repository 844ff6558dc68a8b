// What was typed into a short form and not saved, one on a timeline or one for a new record beside what is
// open, survives a reload like that of a record's form (`drafts.ts`). A form on a timeline belongs to its page and
// opens again there; one for a new record is filled when it is opened again. Both say so, and offer to forget
// it. Named PAGE#FORM in the
// storage, without a page where it belongs to none.
import htmx from "htmx.org";
import type TomSelect from "tom-select/base";
import { all } from "./dom";
import { draftNames, forgetDraft, keepForm, putDraft, readDraft, typedValue, valuesOf, version, type Draft } from "./draftstore";
import { isDirty, isRemembered, rememberValues, savedValues, takeAsSaved } from "./form";
import { say } from "./live/status";
import { enhanceRichText, rewriteRichText } from "./richtext";
import { address, onLeave, visit } from "./visits";
import { said } from "./words";

const SHORT = "form[data-composer], #quick-create form";

/** What was saved of a form that was refused, for the one that comes in its place. */
let refused: { action: string; saved: Map<string, string> } | undefined;
/** The forms that were asked for because something was typed there earlier. */
const comingBack = new Set<string>();
/** By what they were asked for: once is enough. */
const tried = new WeakSet<HTMLElement>();
let timer: ReturnType<typeof setTimeout> | undefined;

export function startShortDrafts(): void {
  for (const kind of ["input", "change"]) document.addEventListener(kind, keepSoon);
  onLeave(keepShort);
  document.addEventListener("htmx:beforeOnLoad", accept);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = (event as CustomEvent<{ target: HTMLElement; xhr: XMLHttpRequest }>).detail;
    const form = all<HTMLFormElement>(target, SHORT)[0];
    if (form && xhr.status === 422) refused = { action: actionOf(form), saved: savedValues(form) };
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    comingBack.delete((event as CustomEvent<{ elt: HTMLElement }>).detail.elt.getAttribute("hx-get") ?? "");
  });
  // A dialog closes once it is done with, not when its page is left.
  document.addEventListener("close", (event) => all<HTMLFormElement>(event.target as HTMLElement, SHORT).forEach(forgetShort), { capture: true });
  window.addEventListener("beforeunload", (event) => {
    if (all<HTMLFormElement>(document, "#quick-create form").some(isDirty)) event.preventDefault();
  });
  htmx.onLoad((root) => {
    all<HTMLFormElement>(root as HTMLElement, SHORT).forEach(begin);
    bringBack();
  });
}

/** Keeps what stands in the short forms now. */
export function keepShort(): void {
  clearTimeout(timer);
  for (const form of all<HTMLFormElement>(document, SHORT)) {
    if (!isRemembered(form)) continue;
    if (isDirty(form)) keepForm(nameOf(form), form);
    else forgetDraft(nameOf(form));
  }
}

/** What was typed there is not wanted any more. */
export function forgetShort(form: HTMLFormElement): void {
  clearTimeout(timer);
  rememberValues(form);
  forgetDraft(nameOf(form));
}

/** Takes all that was typed as saved: it is kept elsewhere. */
export function settleShort(): void {
  all<HTMLFormElement>(document, SHORT).forEach(rememberValues);
}

/** Opens the forms of this page in which something was typed earlier, one at a time where they stand in the same place. */
export function bringBack(): void {
  for (const name of draftNames(`${address().pathname}#`)) {
    const to = formAddress(name) ?? "";
    const opener = all(document, ".timeline [hx-get]").find((button) => button.getAttribute("hx-get") === to);
    if (!opener || tried.has(opener) || all(document, SHORT).some((form) => actionOf(form) === to)) continue;
    if (isForNew(opener) && (document.querySelector("#timeline-composer form") || [...comingBack].some((other) => other.includes("/new/")))) continue;
    tried.add(opener);
    comingBack.add(to);
    opener.click();
  }
}

/** Whether a form opens because something was typed there earlier: it asks for no attention. */
export function isComingBack(to: string | null): boolean {
  return to !== null && comingBack.has(to);
}

/** The address of the short form that a draft is of; none for that of a record's form. */
export function formAddress(name: string): string | undefined {
  return name.split("#")[1];
}

export function isHere(name: string): boolean {
  return name === address().pathname || name.startsWith(`${address().pathname}#`);
}

/** Opens the form that a draft is of, wherever it is. */
export function openShort(name: string): void {
  const [page, form] = name.split("#");
  if (page) visit(page);
  else void htmx.ajax("get", form ?? "", { target: "#dialogs", swap: "innerHTML" });
}

function isForNew(opener: HTMLElement): boolean {
  return opener.getAttribute("hx-target") === "#timeline-composer";
}

function actionOf(form: Element): string {
  return form.getAttribute("action") ?? "";
}

function nameOf(form: HTMLFormElement): string {
  return `${form.matches("[data-composer]") ? address().pathname : ""}#${actionOf(form)}`;
}

function keepSoon(event: Event): void {
  if (!(event.target as HTMLElement).closest(SHORT)) return;
  clearTimeout(timer);
  timer = setTimeout(keepShort, 300);
}

/** Before anybody is led to another page: what was accepted is nothing to be asked about. */
function accept(event: Event): void {
  const { elt, xhr, requestConfig } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest; requestConfig: { verb: string } }>).detail;
  if (elt.matches(SHORT) && requestConfig.verb !== "get" && xhr.status < 300) forgetShort(elt as HTMLFormElement);
}

function begin(form: HTMLFormElement): void {
  if (isRemembered(form)) return;
  const action = actionOf(form);
  // What takes part in being saved only with scripts must do so by now.
  enhanceRichText(form);
  if (refused?.action === action) {
    takeAsSaved(form, refused.saved);
    keepShort();
  } else {
    rememberValues(form);
    const draft = readDraft(nameOf(form));
    if (draft) putBack(form, draft);
  }
  refused = undefined;
  if (comingBack.delete(action)) form.dataset.cameBack = "";
}

/** Only what was typed: what the form itself now begins with stays. */
function putBack(form: HTMLFormElement, draft: Draft): void {
  const saved = new Map(draft.saved);
  const names = new Set([...saved.keys(), ...draft.values.map(([name]) => name)]);
  const typed = new Set([...names].filter((name) => typedValue(draft, name) !== (saved.get(name) ?? "[]")));
  const before: Draft = { version: version(form), values: valuesOf(form) };
  put(form, draft, typed);
  for (const [, value] of draft.values.filter(([name]) => name === "mention")) mention(form, value);
  tell(form, draft.files ?? [], () => discard(form, () => put(form, before, typed)));
}

function put(form: HTMLFormElement, draft: Draft, wanted: Set<string>): void {
  putDraft(form, draft, (name) => wanted.has(name) || name === "once");
  rewriteRichText(form, new Map(draft.values.filter(([name]) => wanted.has(name)).map(([name, value]) => [name, value])));
  // An entry that others changed meanwhile is put together by the server.
  const own = form.querySelector<HTMLInputElement>("input[name=version]");
  if (own) own.value = draft.version;
}

/** On a timeline the form goes; one for a new record is as it was before. */
function discard(form: HTMLFormElement, putBefore: () => void): void {
  if (form.matches("[data-composer]")) {
    forgetShort(form);
    form.querySelector<HTMLElement>("[data-composer-close], footer [hx-get]")?.click();
    return;
  }
  putBefore();
  for (const select of all<HTMLSelectElement & { tomselect?: TomSelect }>(form, "select")) select.tomselect?.sync();
  form.dispatchEvent(new Event("change", { bubbles: true }));
  forgetShort(form);
  form.querySelector<HTMLElement>(".dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

/** Whom a post names stands beside its text. */
function mention(form: HTMLFormElement, value: string): void {
  const input = Object.assign(document.createElement("input"), { type: "hidden", name: "mention", value });
  form.append(input);
}

function tell(form: HTMLFormElement, files: string[], discard: () => void): void {
  const words =
    files.length === 0
      ? said("What you had typed here is back; it is not saved yet.")
      : said("What you had typed here is back, without its files: choose {names} again.", { names: files.join(", ") });
  const note = document.createElement("p");
  note.className = "draft-note";
  const text = document.createElement("span");
  text.textContent = words;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: said("Discard") });
  button.addEventListener("click", () => {
    note.remove();
    discard();
  });
  note.append(text, button);
  (form.querySelector(".dialog-body") ?? form.querySelector(".timeline-composer-fields"))?.before(note);
  say(words);
}
