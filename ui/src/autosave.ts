// A record's form saves by itself what was typed: half a minute after the last change, and when one
// leaves. What is being typed at that moment waits, half a date as well. The answer changes no field
// and takes the focus from nobody: what is wrong, or was changed by others, is said beside the field.
import { all, closest, icon, post } from "./dom";
import { keep } from "./drafts";
import { clearFieldErrors, retract, showFieldErrors, type FieldError } from "./fielderrors";
import { formValues, isDirty, markDirty, savedValues } from "./form";
import { isContested } from "./live/contested";
import { catchUp } from "./live/record";
import { say } from "./live/status";
import { onceReached, reached } from "./reach";
import { showNote } from "./toasts";
import { leads, onLeave, onPage, visit } from "./visits";
import { said } from "./words";

/** What the server says. */
interface Answer {
  state: "saved" | "refused" | "contested" | "behind" | "off";
  text?: string;
  version?: string | null;
  followed?: boolean;
  act?: string | null;
  errors?: FieldError[];
}

type State = { kind: "quiet" } | { kind: "saving" } | { kind: "saved"; text: string } | { kind: "failed"; text: string };

/** How long after the last change. */
const AFTER = 30_000;
/** Most that a browser sends of a page that is left, in bytes, with some room for the rest. */
const MOST_ON_LEAVING = 60_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let state: State = { kind: "quiet" };
/** The act of what was saved since the page was loaded, by which it is undone. */
let act: string | undefined;
let underWay: Promise<void> | undefined;
/** The page is being left on purpose: nothing is to be saved any more. */
let leaving = false;

export function startAutosave(): void {
  onPage(() => {
    forget();
    leaving = false;
  });
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("record-dirty", () => {
    draw();
    const form = formOf();
    if (form && timer === undefined && state.kind !== "failed" && isDirty(form)) arm();
  });
  // Another form in place of this one: saved by hand, or drawn anew.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ((event as CustomEvent<{ target: HTMLElement }>).detail.target.id === "record") forget();
  });
  // Save by hand waits for what is being saved by itself, and goes over that version.
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, issueRequest } = (event as CustomEvent<{ elt: HTMLElement; issueRequest(skip: boolean): void }>).detail;
    if (!underWay || elt !== formOf()) return;
    event.preventDefault();
    void underWay.finally(() => issueRequest(true));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void save(true);
  });
  onLeave(() => save(true));
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-autosave-undo]")) void undo();
    else if (closest(event, "[type=submit]")) return;
    else if (closest(event, ".record-head [role=toolbar]")) void save(true);
    else leaveBySaving(event);
  });
}

/** Whether leaving the page loses nothing of a form, because it is saved on the way. */
export function savesOnLeaving(form: HTMLFormElement): boolean {
  if (form.dataset.autosave === undefined || state.kind === "failed" || isStopped(form)) return false;
  const names = unsaved(form);
  return names.every((name) => isWhole(form, name)) && body(form, names).toString().length < MOST_ON_LEAVING;
}

function formOf(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("#record form[data-guard][data-autosave]");
}

function forget(): void {
  clearTimeout(timer);
  timer = undefined;
  act = undefined;
  state = { kind: "quiet" };
}

function changed(event: Event): void {
  const field = event.target as HTMLInputElement;
  const form = formOf();
  if (!form || field.form !== form) return;
  clearFieldErrors(field);
  if (state.kind === "failed") state = { kind: "quiet" };
  if (!isDirty(form)) retract(form);
  draw();
  arm();
}

function arm(after = AFTER): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = undefined;
    void save(false);
  }, after);
}

/** While there is something to choose, or the form itself is being sent. */
function isStopped(form: HTMLFormElement): boolean {
  const record = form.closest<HTMLElement>("#record");
  return leaving || form.classList.contains("htmx-request") || record === null || isContested(record);
}

function unsaved(form: HTMLFormElement): string[] {
  const [now, before] = [formValues(form), savedValues(form)];
  return [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name));
}

function controls(form: HTMLFormElement, name: string): HTMLInputElement[] {
  return [...form.elements].filter((element) => (element as HTMLInputElement).name === name) as HTMLInputElement[];
}

/** Not half a date or number, and no file: files are sent by Save. */
function isWhole(form: HTMLFormElement, name: string): boolean {
  return controls(form, name).every((control) => {
    if (control.closest(".field")?.querySelector("input[type=file]")) return false;
    // While a year is typed, it passes through 2, 20 and 202.
    const isEarly = control.type.startsWith("date") && /^0/.test(control.value);
    return !control.validity.badInput && !isEarly;
  });
}

function isBeingTyped(form: HTMLFormElement, name: string): boolean {
  const active = document.activeElement;
  return active !== null && controls(form, name).some((control) => control === active || control.closest(".field")?.contains(active));
}

/** As if the field were left: numbers are tidied by it. */
function endTyping(form: HTMLFormElement): void {
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && active.form === form) active.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

function body(form: HTMLFormElement, names: string[]): URLSearchParams {
  const sent = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const accompanies = ["csrf", "version"].includes(name) || name.startsWith("seen_");
    if (typeof value === "string" && (accompanies || names.includes(name))) sent.append(name, value);
  }
  if (act) sent.append("act", act);
  return sent;
}

/** Saves what is whole; on leaving also the field one was in. */
async function save(onLeaving: boolean): Promise<void> {
  const form = formOf();
  if (!form || isStopped(form)) return;
  if (underWay) {
    if (onLeaving) return underWay;
    return arm();
  }
  if (onLeaving) endTyping(form);
  const names = unsaved(form).filter((name) => isWhole(form, name) && (onLeaving || !isBeingTyped(form, name)));
  if (names.length === 0) {
    if (isDirty(form)) arm();
    return;
  }
  underWay = send(form, names, onLeaving).finally(() => (underWay = undefined));
  return underWay;
}

async function send(form: HTMLFormElement, names: string[], onLeaving: boolean): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const values = formValues(form);
  const sent = body(form, names);
  form.dataset.saving = "";
  state = { kind: "saving" };
  draw();
  try {
    const request = { method: "POST", body: sent, credentials: "same-origin" as const, keepalive: onLeaving && sent.toString().length < MOST_ON_LEAVING };
    const response = await fetch(form.dataset.autosave ?? "", { ...request, headers: { Accept: "application/json", "HX-Request": "true" } });
    reached();
    const answer = await read(response);
    // Nobody is left to be told on a page that was left meanwhile.
    if (form.isConnected) take(form, names, values, answer);
  } catch {
    if (!form.isConnected) return;
    fail(said("the server cannot be reached. It is tried again"));
    arm();
    tryOnceReached();
  } finally {
    delete form.dataset.saving;
    if (form.isConnected) {
      markDirty(form);
      keep();
      catchUp();
    }
  }
}

function tryOnceReached(): void {
  const failed = state;
  onceReached(() => {
    if (state !== failed) return;
    state = { kind: "quiet" };
    draw();
    arm(0);
  });
}

async function read(response: Response): Promise<Answer> {
  if (response.headers.get("Content-Type")?.includes("json")) return (await response.json()) as Answer;
  const why = new Map([
    [401, said("you have been signed out")],
    [403, said("you may not change this record")],
    [404, said("the record is not here any more")],
  ]).get(response.status);
  return { state: "refused", errors: [{ name: "", label: "", message: why ?? said("the server could not do it (error {status})", { status: response.status }) }] };
}

function take(form: HTMLFormElement, names: string[], values: Map<string, string>, answer: Answer): void {
  switch (answer.state) {
    case "saved":
      for (const name of names) savedValues(form).set(name, values.get(name) ?? "[]");
      act = answer.act ?? act;
      setVersion(form, answer);
      if (!isDirty(form)) retract(form);
      state = act ? { kind: "saved", text: answer.text ?? said("Saved") } : { kind: "quiet" };
      if (act) say(answer.text ?? said("Saved"));
      break;
    case "refused":
      showFieldErrors(form, answer.errors ?? []);
      fail((answer.errors ?? []).map(({ label, message }) => (label ? `${label}: ${message}` : message)).join(" "));
      break;
    case "contested":
      fail(answer.text ?? "");
      break;
    case "behind":
      state = { kind: "quiet" };
      arm(2_000);
      break;
    case "off":
      form.removeAttribute("data-autosave");
      state = { kind: "quiet" };
  }
}

/**
 * The new version is the form's own only where it had seen the one before; so is that of a stage that
 * stands open, where the same fields are.
 */
function setVersion(form: HTMLFormElement, answer: Answer): void {
  const version = form.querySelector<HTMLInputElement>("input[name=version]");
  if (!version || !answer.followed || !answer.version) return;
  const before = version.value;
  for (const input of [version, ...all<HTMLInputElement>(document, "#stage-slot form input[name=version]")]) {
    if (input.value === before) input.value = answer.version;
  }
}

function fail(text: string): void {
  const words = said("Not saved: {text}", { text });
  state = { kind: "failed", text: words };
  say(words);
}

/** Follows a link once everything is saved, so that the next page knows of it. */
function leaveBySaving(event: MouseEvent): void {
  const form = formOf();
  const link = closest<HTMLAnchorElement>(event, "a[href]");
  if (!form || !link || event.defaultPrevented || !leads(event, link) || !isDirty(form) || !savesOnLeaving(form)) return;
  event.preventDefault();
  void save(true).then(() => {
    if (!isDirty(form)) return visit(link.href);
    const text = state.kind === "failed" ? state.text : said("Not everything is saved.");
    showNote(said("{text} What you typed stays here until you come back.", { text }), said("Leave"), () => {
      leaving = true;
      keep();
      form.removeAttribute("data-guard");
      visit(link.href);
    });
  });
}

/** Takes back everything that was saved by itself since the page was loaded. */
async function undo(): Promise<void> {
  await underWay;
  if (!act) return;
  leaving = true;
  clearTimeout(timer);
  for (const form of all(document, "form[data-guard]")) form.removeAttribute("data-guard");
  post(`/acts/${act}/undo`, []);
}

/** Says in the header how it stands; nothing while what counts is that something is unsaved. */
function draw(): void {
  const place = document.querySelector<HTMLElement>("#record [data-save-state]");
  if (!place) return;
  const form = formOf();
  const shown: State = state.kind === "saved" && form && isDirty(form) ? { kind: "quiet" } : state;
  place.className = `record-state is-${shown.kind}`;
  if (shown.kind === "quiet") return place.replaceChildren();
  if (shown.kind === "saving") return place.replaceChildren(said("Saving…"));
  if (shown.kind === "failed") return place.replaceChildren(icon("alert-circle"), shown.text);
  place.replaceChildren(icon("check"), shown.text, ...(act ? [undoButton()] : []));
}

function undoButton(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "record-undo";
  button.dataset.autosaveUndo = "";
  button.textContent = said("Undo");
  button.title = said("Take back what was saved by itself since you opened this page");
  return button;
}
