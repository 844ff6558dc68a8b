// A record's timeline: the form in which something is added, the clock of a call, and
// where the focus goes when the list comes anew.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { isDirty } from "./form";
import { startMentions } from "./mentions";
import { isAskedFor, isInUse, isOpen, offer } from "./live/timeline";
import { forgetShort, isComingBack, keepShort } from "./shortdrafts";
import { said } from "./words";

let opener: HTMLElement | null = null;
/** The form that was sent last: what was typed there is kept. */
let sent: HTMLElement | null = null;
/** The forms that were open when the list was asked for. */
const openThen = new WeakMap<XMLHttpRequest, HTMLElement[]>();

interface Exchange {
  target: HTMLElement;
  xhr: XMLHttpRequest;
  requestConfig: { headers: Record<string, string> };
  shouldSwap: boolean;
}

export function startTimeline(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
    if (elt.matches("[data-compose]")) beforeComposing(event, elt);
    // Saving the record brings the page anew, and the timeline with it.
    else if (elt.matches("[data-record-form]") && !mayComeAnew()) event.preventDefault();
    else if (elt.matches("form[data-composer]")) sent = elt;
    else if (elt.id === "timeline-list") beforeReloading(event, elt, xhr);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const exchange = (event as CustomEvent<Exchange>).detail;
    if (!openThen.has(exchange.xhr) || !isTakenUp(exchange)) return;
    exchange.shouldSwap = false;
    offerAnew(exchange.target);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent<{ elt: HTMLElement; successful: boolean }>).detail;
    if (elt === sent && !successful) sent = null;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typedForms().length > 0) event.preventDefault();
  });
  htmx.onLoad((root) => {
    for (const form of all<HTMLFormElement>(root as HTMLElement, "form[data-composer]")) begin(form);
  });
  document.addEventListener("click", (event) => {
    const close = closest(event, "[data-composer-close]");
    if (close) leave(close.closest<HTMLFormElement>("form[data-composer]"));
    const clear = closest(event, "[data-clear-filter]");
    if (clear) clearFilter(clear.closest<HTMLFormElement>("form"));
  });
  document.addEventListener("keydown", saveByKey, true);
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" ? closest<HTMLFormElement>(event, "form[data-composer]") : null;
    if (!form || event.defaultPrevented || form.querySelector(".ts-wrapper.dropdown-active")) return;
    event.preventDefault();
    leave(form);
  });
  document.addEventListener("change", (event) => {
    const filter = closest<HTMLFormElement>(event, "#timeline-filter");
    if (filter) showChosen(filter);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = event.target as HTMLElement;
    if (list.id !== "timeline-list") return;
    // What was offered is shown now.
    list.closest(".timeline")?.querySelector(".timeline-news")?.remove();
    returnFocus();
  });
  startClocks();
  startMentions();
}

/** One form at a time: another one takes the place of what is open, unless something was typed in it. */
function beforeComposing(event: Event, button: HTMLElement): void {
  if (isComingBack(button.getAttribute("hx-get")) || mayLeave()) opener = button;
  else event.preventDefault();
}

/** The list comes anew with whatever was done; a reply or a change half written in it stays until it is sent or left. */
function beforeReloading(event: Event, list: HTMLElement, xhr: XMLHttpRequest): void {
  openThen.set(xhr, formsIn(list));
  const typed = formsIn(list).filter((form) => form !== sent && isDirty(form));
  if (typed.length === 0 || (isAskedFor() && mayForget(typed))) return;
  event.preventDefault();
  offerAnew(list);
}

/** Whether somebody began something in the list since it was asked for: opened a form or a menu, or, where only
 *  news asked for it, just went there. */
function isTakenUp({ target, xhr, requestConfig }: Exchange): boolean {
  const then = openThen.get(xhr) ?? [];
  const isNews = requestConfig.headers["X-Unasked"] !== undefined;
  return (isNews && isInUse(target)) || isOpen(target) || formsIn(target).some((form) => !then.includes(form));
}

function formsIn(list: HTMLElement): HTMLFormElement[] {
  return all<HTMLFormElement>(list, "form[data-composer]");
}

function offerAnew(list: HTMLElement): void {
  const timeline = list.closest<HTMLElement>(".timeline");
  if (timeline) offer(timeline, list);
}

function typedForms(): HTMLFormElement[] {
  return all<HTMLFormElement>(document, "form[data-composer]").filter(isDirty);
}

function mayLeave(): boolean {
  const typed = typedForms();
  return typed.length === 0 || mayForget(typed);
}

function mayForget(typed: HTMLFormElement[]): boolean {
  const may = window.confirm(said("Leave what you typed on the timeline?"));
  if (may) typed.forEach(forgetShort);
  return may;
}

/** What was typed comes back with the timeline; only files do not. */
function mayComeAnew(): boolean {
  const withFiles = typedForms().filter((form) => form.querySelector("[data-attached] li"));
  if (withFiles.length > 0 && !mayForget(withFiles)) return false;
  keepShort();
  return true;
}

/** Ctrl+S in such a form saves it and not the record. */
function saveByKey(event: KeyboardEvent): void {
  const form = closest<HTMLFormElement>(event, "form[data-composer]");
  if (!form || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  event.stopPropagation();
  form.requestSubmit();
}

function begin(form: HTMLFormElement): void {
  if (form.querySelector("[data-error-summary]") || form.dataset.cameBack !== undefined) return;
  const first = form.querySelector<HTMLElement>("[data-focus], [autofocus]");
  first?.focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
  if (first instanceof HTMLInputElement) first.select();
}

function leave(form: HTMLFormElement | null): void {
  if (!form || (isDirty(form) && !window.confirm(said("Leave what you typed?")))) return;
  forgetShort(form);
  const back = form.querySelector<HTMLButtonElement>("footer [hx-get]");
  if (back) {
    back.click();
    return;
  }
  form.remove();
  opener?.focus();
}

/** The element that had the focus may be gone with the old list. */
function returnFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  if (opener?.isConnected) opener.focus();
  else document.getElementById("timeline-heading")?.focus({ preventScroll: true });
  opener = null;
}

/** How many filters are set, beside the word that opens them. */
function showChosen(filter: HTMLFormElement): void {
  const mark = filter.querySelector<HTMLElement>("[data-chosen]");
  const chosen = all<HTMLInputElement>(filter, ".timeline-choice input:checked").filter((input) => input.value !== "");
  if (!mark) return;
  mark.hidden = chosen.length === 0;
  mark.textContent = String(chosen.length);
}

function clearFilter(filter: HTMLFormElement | null): void {
  if (!filter) return;
  for (const input of all<HTMLInputElement>(filter, ".timeline-choice input")) input.checked = input.type === "radio" && input.value === "";
  const text = filter.querySelector<HTMLInputElement>("#timeline-text");
  if (text) text.value = "";
  showChosen(filter);
  htmx.trigger(filter, "timeline-cleared", {});
}

/** A clock that measures a call: dialling starts it, and it fills in the minutes when it is stopped, at the latest
 * when the call is saved. */
function startClocks(): void {
  document.addEventListener(
    "submit",
    (event) => {
      const box = (event.target as HTMLElement).querySelector<HTMLElement>("[data-dialling][data-since]");
      if (box) toggle(box);
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const dialled = closest<HTMLAnchorElement>(event, "[data-dial]");
    const box = closest(event, "[data-dialling]");
    if (!box) return;
    if (dialled) {
      fill(box.dataset.number, dialled.dataset.dial ?? "");
      if (box.dataset.since === undefined) toggle(box);
    } else if (closest(event, "[data-clock]")) {
      toggle(box);
    }
  });
}

function toggle(box: HTMLElement): void {
  const button = box.querySelector<HTMLElement>("[data-clock]");
  const word = box.querySelector<HTMLElement>("[data-clock-word]");
  const runs = box.dataset.since === undefined;
  if (runs) {
    box.dataset.since = String(Date.now());
    tick(box);
  } else {
    const seconds = elapsed(box);
    delete box.dataset.since;
    fill(box.dataset.minutes, String(Math.max(1, Math.ceil(seconds / 60))));
  }
  button?.setAttribute("aria-pressed", String(runs));
  if (word) word.textContent = runs ? said("Stop timer") : said("Start timer");
}

function tick(box: HTMLElement): void {
  if (box.dataset.since === undefined || !box.isConnected) return;
  const seconds = elapsed(box);
  const time = box.querySelector<HTMLElement>("[data-clock-time]");
  if (time) time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  setTimeout(() => tick(box), 1000);
}

function elapsed(box: HTMLElement): number {
  return Math.floor((Date.now() - Number(box.dataset.since)) / 1000);
}

function fill(id: string | undefined, value: string): void {
  const field = id ? document.getElementById(id) : null;
  if (!(field instanceof HTMLInputElement)) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
