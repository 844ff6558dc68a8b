// Timelines: what others add, change and delete appears where it belongs.
import htmx from "htmx.org";
import { all } from "../dom";
import { ask, oneAtATime } from "./ask";
import type { Told } from "./protocol";
import { say } from "./status";

interface Pending {
  touched: Set<string>;
  refresh: () => void;
}

const timelines = new WeakMap<HTMLElement, Pending>();

export function liveTimelines(): HTMLElement[] {
  return all(document, "[data-live-about]");
}

export function entriesOf(timeline: HTMLElement): Map<string, HTMLElement> {
  return new Map(all(timeline, "li[data-entry]").map((entry) => [entry.dataset.entry ?? "", entry]));
}

export function tellTimelines(news: Told[]): void {
  for (const timeline of liveTimelines()) {
    const entries = entriesOf(timeline);
    const pending = pendingOf(timeline);
    let concerned = false;
    for (const { gone, row, about, everything } of news) {
      if (gone) entries.get(gone)?.remove();
      if (everything || about === timeline.dataset.liveAbout || (row && entries.has(row))) concerned = true;
      if (row) pending.touched.add(row);
      if (everything) for (const name of entries.keys()) pending.touched.add(name);
    }
    if (concerned) pending.refresh();
  }
}

function pendingOf(timeline: HTMLElement): Pending {
  const known = timelines.get(timeline);
  if (known) return known;
  const pending: Pending = { touched: new Set(), refresh: oneAtATime(() => refresh(timeline, pending)) };
  timelines.set(timeline, pending);
  return pending;
}

async function refresh(timeline: HTMLElement, pending: Pending): Promise<void> {
  const touched = new Set(pending.touched);
  pending.touched.clear();
  const answer = await ask(timeline.dataset.liveEntries ?? "");
  if (!answer || !timeline.isConnected) return;
  const fresh = entriesOf(answer.body);
  const list = timeline.querySelector("ol") ?? begin(timeline);
  const known = entriesOf(timeline);
  let before: Element | null = null;
  let last = -1;
  const order = [...known.values()];
  for (const [name, entry] of fresh) {
    const old = known.get(name);
    let now = old;
    if (!old || touched.has(name)) {
      if (old?.contains(document.activeElement)) continue;
      now = document.importNode(entry, true);
      now.classList.add("is-updated");
      old?.remove();
      if (!old) say(`New in the timeline: ${now.querySelector(".timeline-title")?.textContent ?? ""}`);
    }
    if (!now) continue;
    if (old) last = Math.max(last, order.indexOf(old));
    const place: Element | null = before ? before.nextElementSibling : list.firstElementChild;
    if (place !== now) list.insertBefore(now, place);
    if (now !== old) htmx.process(now);
    before = now;
  }
  // What stood among the newest and is not there any more has moved elsewhere.
  for (const entry of order.slice(0, last + 1)) if (!fresh.has(entry.dataset.entry ?? "")) entry.remove();
}

/** The list in place of the words that there is nothing yet. */
function begin(timeline: HTMLElement): Element {
  timeline.querySelector(".empty-state")?.remove();
  const list = document.createElement("ol");
  timeline.append(list);
  return list;
}
