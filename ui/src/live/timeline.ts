// Timelines: what others add, change and delete appears, unless somebody is in the midst of it.
import htmx from "htmx.org";
import { all } from "../dom";
import { oneAtATime } from "./ask";
import type { Told } from "./protocol";
import { say } from "./status";
import { said } from "../words";

const LIST = ".timeline-list";
/** How long a timeline is waited for, in milliseconds. */
const PATIENCE = 5000;
/** News of what was done here comes about when the answer to it does, in milliseconds. */
const ECHO = 3000;
/** How long news is held, so that the answer comes first. */
const HELD = 300;

let acted = -Infinity;
/** Ends when no answer to somebody's own doing is on its way that draws a list anew. */
let underWay: Promise<unknown> = Promise.resolve();
document.addEventListener("htmx:beforeSend", (event) => {
  const { target, xhr } = (event as CustomEvent<{ target: HTMLElement; xhr: XMLHttpRequest }>).detail;
  if (!target.matches(LIST)) return;
  const ended = new Promise((done) => xhr.addEventListener("loadend", done));
  underWay = Promise.all([underWay, ended]);
});
/** When somebody wanted to see what changed. */
let asked = -Infinity;
document.addEventListener("timeline-changed", () => (acted = performance.now()));

/** Whether the list is loaded because somebody just asked for it. */
export function isAskedFor(): boolean {
  return performance.now() - asked < HELD;
}

const refreshing = new WeakMap<HTMLElement, () => void>();

export function liveTimelines(): HTMLElement[] {
  return all(document, "[data-live-about]");
}

/** The notes, posts and activities shown, as `TABLE:ID`. */
export function entriesOf(timeline: HTMLElement): Set<string> {
  return new Set(all(timeline, "[data-entry]").map((entry) => entry.dataset.entry ?? "").filter(Boolean));
}

export function tellTimelines(news: Told[], me: string): void {
  for (const timeline of liveTimelines()) {
    const entries = entriesOf(timeline);
    const concerned = news.filter(
      ({ gone, row, about, everything }) =>
        everything ||
        about === timeline.dataset.liveAbout ||
        row === timeline.dataset.liveAbout ||
        (row && entries.has(row)) ||
        (gone && entries.has(gone)),
    );
    if (concerned.length > 0) setTimeout(() => tellOf(timeline, concerned, me), HELD);
  }
}

/** What was done at this page stands on the timeline already. */
function tellOf(timeline: HTMLElement, news: Told[], me: string): void {
  const isEcho = performance.now() - acted < ECHO && news.every(({ by }) => by === me);
  if (!isEcho) refresherOf(timeline)();
}

function refresherOf(timeline: HTMLElement): () => void {
  const known = refreshing.get(timeline);
  if (known) return known;
  const refresh = oneAtATime(() => refreshList(timeline));
  refreshing.set(timeline, refresh);
  return refresh;
}

async function refreshList(timeline: HTMLElement): Promise<void> {
  await ownAnswers();
  const list = timeline.querySelector<HTMLElement>(LIST);
  if (!list) return;
  if (isInUse(list)) {
    offer(timeline, list);
    return;
  }
  const before = entriesOf(timeline);
  htmx.trigger(list, "live-changed", {});
  await new Promise((done) => {
    document.addEventListener("htmx:afterSettle", done, { once: true });
    // Where it could not be had.
    setTimeout(done, PATIENCE);
  });
  const fresh = all(timeline, "[data-entry]").filter((entry) => !before.has(entry.dataset.entry ?? ""));
  const title = fresh[0]?.querySelector(".timeline-title")?.textContent?.trim();
  if (title) say(said("New in the timeline: {title}", { title }));
}

/** The list takes one answer at a time: news must not take the place of what somebody asked for. */
async function ownAnswers(): Promise<void> {
  for (let last: unknown; last !== underWay; ) {
    last = underWay;
    await last;
  }
}

/** Whether loading it anew would take something out of somebody's hands or eyes. */
export function isInUse(list: HTMLElement): boolean {
  const isRead = list.getBoundingClientRect().top < 0;
  return isRead || isOpen(list) || list.contains(document.activeElement) || list.querySelector("textarea, [contenteditable]") !== null;
}

/** Whether a menu is open in it. */
export function isOpen(list: HTMLElement): boolean {
  return list.querySelector(".dropdown-menu.show") !== null;
}

/** Offers to show what changed, over what somebody is in the midst of. */
export function offer(timeline: HTMLElement, list: HTMLElement): void {
  if (timeline.querySelector(".timeline-news")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm timeline-news";
  button.textContent = said("Something changed – show");
  button.addEventListener("click", () => {
    button.remove();
    asked = performance.now();
    htmx.trigger(timeline, "timeline-changed", {});
    timeline.querySelector<HTMLElement>("h2")?.focus();
  });
  list.before(button);
}
