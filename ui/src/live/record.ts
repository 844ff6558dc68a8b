// A record's form: what others save appears in the fields nobody has touched here; where somebody
// has, both are shown and they choose. Nothing typed is lost.
import htmx from "htmx.org";
import { all, facing } from "../dom";
import { keep } from "../drafts";
import { formValues, isDirty, markDirty, savedValues } from "../form";
import { showNote } from "../toasts";
import { ask, oneAtATime } from "./ask";
import { forget, isContested, offer } from "./contested";
import type { Told } from "./protocol";
import { say } from "./status";
import { onPage, visit } from "../visits";
import { said } from "../words";

/** What the server says about a change of a field. */
export interface FieldChange {
  label: string;
  who: string;
  when: string;
  seen: string;
  /** What it holds now, between quotes. */
  value: string;
  /** All of it as a sentence. */
  text: string;
}

/** The record's page, where one is open. */
export function liveRecord(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#record[data-live-record]");
}

/** Shows what is stored by now; what others did where something else is typed stands beside it. */
export const catchUp = oneAtATime(refresh);

export function startRecord(): void {
  // A draft of an older version was put back: what others changed meanwhile is shown beside it.
  onPage(() => {
    if (document.querySelector("form[data-behind]")) catchUp();
  });
  // A field that was only being looked at takes what came meanwhile.
  document.addEventListener("focusout", (event) => {
    if ((event.target as Element).closest("[data-field].is-waiting")) setTimeout(catchUp);
  });
  document.addEventListener("htmx:afterRequest", () => {
    if (waiting) catchUp();
  });
}

let waiting = false;

export function tellRecord(news: Told[]): void {
  const record = liveRecord();
  const name = record?.dataset.liveRecord;
  if (!record || !name) return;
  if (news.some(({ gone }) => gone === name)) showGone(record);
  else if (news.some(({ row, about, everything }) => everything || (!about && row === name))) catchUp();
}

function formOf(record: HTMLElement | null): HTMLFormElement | null {
  return record?.querySelector<HTMLFormElement>("form[data-record-form]") ?? null;
}

function versionInput(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("input[name=version]");
}

/** Saved at this moment, by hand or by itself: what is stored of it is no news. */
function isBeingSent(form: HTMLFormElement): boolean {
  return form.classList.contains("htmx-request") || form.dataset.saving !== undefined;
}

async function refresh(): Promise<void> {
  const record = liveRecord();
  const form = formOf(record);
  const since = form && versionInput(form)?.value;
  if (!record || !form || !since) return;
  waiting = isBeingSent(form);
  if (waiting) return;
  const answer = await ask(`${form.getAttribute("action") ?? ""}/changes?since=${since}`);
  const fresh = answer?.querySelector<HTMLElement>("[data-changes]");
  waiting = isBeingSent(form);
  if (!answer || !fresh || !form.isConnected || waiting) return;
  take(record, form, fresh);
}

function take(record: HTMLElement, form: HTMLFormElement, fresh: HTMLElement): void {
  const there = fresh.querySelector<HTMLElement>("#record");
  const theirForm = formOf(there);
  if (!there || !theirForm) return;
  const opened = there.dataset.readOnly !== record.dataset.readOnly;
  if (opened && !isDirty(form)) return drawAnew();
  const changes = JSON.parse(fresh.dataset.changes ?? "{}") as Record<string, FieldChange>;
  const [mine, theirs] = [formValues(form), formValues(theirForm)];
  const taken: string[] = [];
  for (const field of all(there, ".field[data-field]")) {
    const name = field.dataset.field ?? "";
    const old = record.querySelector<HTMLElement>(`.form-section .field[data-field="${name}"]`);
    if (old && takeField(form, old, field, { mine: mine.get(name), theirs: theirs.get(name), change: changes[name] })) taken.push(changes[name]?.label ?? "");
  }
  form.dataset.known = fresh.dataset.version ?? "";
  if (isContested(record)) {
    for (const [name, change] of Object.entries(changes)) if (!isContested(record, name)) see(form, name, change.seen);
  } else {
    settle(form);
  }
  replacePart(record, there, ".record-head");
  replacePart(record, there, ".process-bar");
  document.title = answerTitle(there);
  markDirty(form);
  keep();
  if (opened) {
    const text = said("{who} has changed what can be done with this record, so what you typed cannot be saved now. It stays here.", { who: fresh.dataset.who ?? "" });
    showNote(text, said("Show the record"), drawAnew);
  }
  const labels = taken.filter(Boolean);
  if (labels.length > 0) say(said("{fields}: changed by {who}, {when}", { fields: labels.join(", "), who: fresh.dataset.who ?? "", when: fresh.dataset.when ?? "" }));
}

interface Values {
  mine: string | undefined;
  theirs: string | undefined;
  change: FieldChange | undefined;
}

/** True where the field shows something new. */
function takeField(form: HTMLFormElement, old: HTMLElement, field: HTMLElement, { mine, theirs, change }: Values): boolean {
  const name = field.dataset.field ?? "";
  const saved = savedValues(form);
  if (theirs === undefined) {
    // Nothing to fill in: what is calculated, or not to be changed.
    if (mine !== undefined || old.textContent === field.textContent) return false;
    exchange(old, field);
    return true;
  }
  if (theirs === saved.get(name)) return false;
  if (theirs === mine) {
    saved.set(name, theirs);
    forget(old);
    return false;
  }
  if (mine === saved.get(name)) {
    const looking = old.contains(document.activeElement);
    old.classList.toggle("is-waiting", looking);
    if (looking) return false;
    saved.set(name, theirs);
    exchange(old, field);
    return true;
  }
  if (change) {
    const accept = (): void => {
      saved.set(name, theirs);
      facing(exchange(old, field))?.focus();
      decide(form, name, change);
    };
    const refuse = (): void => {
      saved.set(name, theirs);
      decide(form, name, change);
    };
    offer(old, change, accept, refuse);
  }
  return false;
}

/** The person has chosen between both values. */
function decide(form: HTMLFormElement, name: string, change: FieldChange): void {
  const record = liveRecord();
  if (record && isContested(record)) see(form, name, change.seen);
  else settle(form);
  markDirty(form);
  keep();
}

/** Tells the server on saving that what others did to a field up to there was seen. */
function see(form: HTMLFormElement, name: string, place: string): void {
  let input = form.querySelector<HTMLInputElement>(`input[name="seen_${name}"]`);
  if (!input) {
    input = document.createElement("input");
    input.type = "hidden";
    input.name = `seen_${name}`;
    form.append(input);
  }
  input.value = place;
}

/** Everything others did so far is in the form or decided on. */
function settle(form: HTMLFormElement): void {
  const version = versionInput(form);
  if (version && form.dataset.known) version.value = form.dataset.known;
  for (const input of all(form, "input[name^=seen_]")) input.remove();
}

/** Puts the server's field in place of the one that is there, and shows that it has changed. */
function exchange(old: HTMLElement, field: HTMLElement): HTMLElement {
  const fresh = document.importNode(field, true);
  for (const select of all<HTMLSelectElement & { tomselect?: { destroy(): void } }>(old, "select")) select.tomselect?.destroy();
  old.replaceWith(fresh);
  fresh.classList.add("is-updated");
  htmx.process(fresh);
  htmx.trigger(fresh, "htmx:load", { elt: fresh });
  return fresh;
}

/** A part without fields of the form, unless somebody is in it, or a stage is open there. */
function replacePart(record: HTMLElement, there: HTMLElement, part: string): void {
  const [old, fresh] = [record.querySelector<HTMLElement>(`:scope > ${part}`), there.querySelector<HTMLElement>(`:scope > ${part}`)];
  if (!old || !fresh || old.contains(document.activeElement) || old.querySelector(".show, .stage-panel")) return;
  const adopted = document.importNode(fresh, true);
  old.replaceWith(adopted);
  htmx.process(adopted);
}

function answerTitle(there: HTMLElement): string {
  const name = there.querySelector("h1")?.textContent;
  return name ? `${name} · Pipewright` : document.title;
}

function drawAnew(): void {
  const headers = { "X-Unasked": "1" };
  void htmx.ajax("get", location.pathname, { target: "#record", select: "#record", swap: "outerHTML", headers });
}

function showGone(record: HTMLElement): void {
  if (record.dataset.gone !== undefined) return;
  record.dataset.gone = "";
  const text = said("This record was deleted, or is not yours to see any more. What you typed stays here until you leave.");
  showNote(text, said("Leave"), () => {
    record.querySelector("form[data-guard]")?.removeAttribute("data-guard");
    visit(record.querySelector<HTMLAnchorElement>(".record-trail a")?.href ?? "/");
  });
}
