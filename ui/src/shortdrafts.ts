// What was typed into a short form and not saved survives a reload like that of a record's form (`drafts.ts`). A form
// on a timeline belongs to its page and opens again there; a dialog is filled when it is opened again. Both say so,
// and offer to forget it.
import htmx from "htmx.org";
import type TomSelect from "tom-select/base";
import { all } from "./dom";
import { draftNames, forgetDraft, keepForm, putDraft, readDraft, typedNames, valuesOf, version, type Draft } from "./draftstore";
import { isDirty, isRemembered, rememberValues, savedValues, takeAsSaved } from "./form";
import { say } from "./live/status";
import { enhanceRichText, rewriteRichText } from "./richtext";
import { actionOf, formAddress, nameForm, nameOf, nameOfNew, SHORT } from "./shortnames";
import { address, onLeave, visit } from "./visits";
import { said } from "./words";

type Answer = CustomEvent<{ elt: HTMLElement; target: HTMLElement; xhr: XMLHttpRequest; pathInfo: { finalRequestPath: string }; requestConfig: { verb: string } }>;

/** What a form leaves to the one that comes in its place: refused, or with room for more. */
let left: { action: string; saved: Map<string, string>; back?: Draft } | undefined;
/** Under which name the dialog keeps what is typed that is just arriving. */
let name: string | undefined;
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
    const { elt, target, xhr, pathInfo } = (event as Answer).detail;
    const form = all<HTMLFormElement>(target, SHORT)[0];
    name = target.id === "dialogs" ? nameOfNew(pathInfo.finalRequestPath) : form && nameOf(form);
    if (form && (xhr.status === 422 || (elt === form && !isDone(form, xhr)))) left = { ...left, action: actionOf(form), saved: savedValues(form) };
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    comingBack.delete((event as Answer).detail.elt.getAttribute("hx-get") ?? "");
  });
  // A dialog closes once it is done with, not when its page is left.
  document.addEventListener("close", (event) => all<HTMLFormElement>(event.target as HTMLElement, SHORT).forEach(forgetShort), { capture: true });
  window.addEventListener("beforeunload", (event) => {
    if (all<HTMLFormElement>(document, SHORT).some((form) => form.closest("dialog") && isDirty(form))) event.preventDefault();
  });
  htmx.onLoad((root) => {
    all<HTMLFormElement>(root as HTMLElement, SHORT).forEach(begin);
    name = undefined;
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

/** Opens the form that a draft is of, wherever it is. */
export function openShort(name: string): void {
  const [page, form] = name.split("#");
  if (page) visit(page);
  else void htmx.ajax("get", form ?? "", { target: "#dialogs", swap: "innerHTML" });
}

function isForNew(opener: HTMLElement): boolean {
  return opener.getAttribute("hx-target") === "#timeline-composer";
}

function keepSoon(event: Event): void {
  if (!(event.target as HTMLElement).closest(SHORT)) return;
  clearTimeout(timer);
  timer = setTimeout(keepShort, 300);
}

/** Before anybody is led to another page: what was accepted is nothing to be asked about. */
function accept(event: Event): void {
  const { elt, xhr, requestConfig } = (event as Answer).detail;
  if (elt.matches(SHORT) && requestConfig.verb !== "get" && isDone(elt as HTMLFormElement, xhr)) forgetShort(elt as HTMLFormElement);
}

/** Whether an answer says that what was sent is saved. A lead that is qualified leads on; else there is one more field. */
function isDone(form: HTMLFormElement, xhr: XMLHttpRequest): boolean {
  return xhr.status < 300 && (!form.closest("#qualification") || xhr.getResponseHeader("HX-Redirect") !== null);
}

function begin(form: HTMLFormElement): void {
  if (isRemembered(form)) return;
  const action = actionOf(form);
  const before = left?.action === action ? left : undefined;
  left = undefined;
  // What takes part in being saved only with scripts must do so by now.
  enhanceRichText(form);
  if (name && form.closest("#quick-create")) nameForm(form, name);
  if (before) {
    takeAsSaved(form, before.saved);
    if (before.back) tellBack(form, before.back.files ?? [], () => openAnew(form));
    keepShort();
  } else {
    rememberValues(form);
    const draft = readDraft(nameOf(form));
    if (draft && hasRoom(form, draft)) putBack(form, draft);
    else if (draft) makeRoom(form, draft);
  }
  if (comingBack.delete(action)) form.dataset.cameBack = "";
}

/** Only what was typed: what the form itself now begins with stays. */
function putBack(form: HTMLFormElement, draft: Draft): void {
  const typed = typedNames(draft);
  const before: Draft = { version: version(form), values: valuesOf(form) };
  put(form, draft, typed);
  for (const [, value] of draft.values.filter(([name]) => name === "mention")) mention(form, value);
  tellBack(form, draft.files ?? [], () => discard(form, () => put(form, before, typed)));
}

function put(form: HTMLFormElement, draft: Draft, wanted: Set<string>): void {
  putDraft(form, draft, (name) => wanted.has(name) || name === "once");
  rewriteRichText(form, new Map(draft.values.filter(([name]) => wanted.has(name)).map(([name, value]) => [name, value])));
  // An entry that others changed meanwhile is put together by the server.
  const own = form.querySelector<HTMLInputElement>("input[name=version]");
  if (own) own.value = draft.version;
}

/** How many opportunities a lead shall become, where a form asks for several. */
function opportunities(values: Draft["values"]): number {
  return Number(values.find(([name]) => name === "opportunities")?.[1] ?? "1");
}

function hasRoom(form: HTMLFormElement, draft: Draft): boolean {
  return opportunities(draft.values) <= opportunities(valuesOf(form));
}

/** Has the server draw a form with fields for all that was typed, as it does when somebody asks for one more. */
function makeRoom(form: HTMLFormElement, draft: Draft): void {
  const values: Record<string, string[]> = {};
  for (const [name, value] of draft.values) (values[name] ??= []).push(value);
  values.opportunities = [String(opportunities(draft.values) - 1)];
  values.then = ["new"];
  left = { action: actionOf(form), saved: savedValues(form), back: draft };
  const target = form.closest("dialog") ?? "#dialogs";
  void htmx.ajax("post", actionOf(form), { source: form, target, swap: "outerHTML", values }).finally(() => (left = undefined));
}

function openAnew(form: HTMLFormElement): void {
  const name = nameOf(form);
  forgetShort(form);
  openShort(name);
}

/** On a timeline the form goes; one in a dialog is as it was before. */
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

/** Says above a form that what was typed there is back, with a way to forget it. */
export function tellBack(form: HTMLFormElement, files: string[], discard: () => void): void {
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
