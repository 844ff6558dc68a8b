// Lists: rows that others change are drawn anew where they stand, rows that come in are announced,
// rows that go are struck. Nothing moves under the reader's hand.
import htmx from "htmx.org";
import { all } from "../dom";
import { ask, oneAtATime, withParameters } from "./ask";
import type { Told } from "./protocol";
import { say } from "./status";
import { readdress } from "../visits";
import { said } from "../words";

/** What is still to be asked about a list. */
interface Pending {
  shown: Map<string, boolean>;
  others: Set<string>;
  fresh: Set<string>;
  refresh: () => void;
}

/** More rows than this are not asked about one by one. */
const AT_ONCE = 90;

const lists = new WeakMap<HTMLElement, Pending>();

/** The cells of a row that show values. */
const VALUES = "td:not(.grid-select, .grid-actions)";

/** What cells show by now that are being changed. */
const waiting = new WeakMap<HTMLElement, HTMLElement>();

/** The lists of the page. */
export function liveLists(): HTMLElement[] {
  return all(document, "[data-live-list]");
}

/** The rows of a list that can still change, by id. */
export function rowsOf(list: HTMLElement): Map<string, HTMLElement> {
  return new Map(all(list, "tr[data-id]:not(.is-gone)").map((row) => [row.dataset.id ?? "", row]));
}

export function tellLists(news: Told[], me: string): void {
  for (const list of liveLists()) {
    const table = list.dataset.liveList ?? "";
    const rows = rowsOf(list);
    const pending = pendingOf(list);
    const own = (name: string | undefined): string => (name?.startsWith(`${table}:`) ? name.slice(table.length + 1) : "");
    for (const told of news) {
      const gone = rows.get(own(told.gone));
      if (gone) strike(gone, said("deleted, or not yours to see any more"));
      const id = told.about ? "" : own(told.row);
      if (id && rows.has(id)) pending.shown.set(id, told.by !== me);
      else if (id && pending.others.size < AT_ONCE) pending.others.add(id);
      if (told.everything || told.many === table) {
        for (const shown of rows.keys()) pending.shown.set(shown, true);
        announce(list, said("This list has changed"));
      }
    }
    if (pending.shown.size + pending.others.size > 0) pending.refresh();
  }
}

function pendingOf(list: HTMLElement): Pending {
  const known = lists.get(list);
  if (known) return known;
  const pending: Pending = { shown: new Map(), others: new Set(), fresh: new Set(), refresh: oneAtATime(() => refresh(list, pending)) };
  lists.set(list, pending);
  return pending;
}

async function refresh(list: HTMLElement, pending: Pending): Promise<void> {
  const rows = rowsOf(list);
  const shown = [...pending.shown].filter(([id]) => rows.has(id)).slice(0, AT_ONCE);
  const others = [...pending.others];
  pending.shown.clear();
  pending.others.clear();
  if (!list.isConnected || shown.length + others.length === 0) return;
  const parameters: [string, string][] = [...shown.map(([id]): [string, string] => ["shown", id]), ...others.map((id): [string, string] => ["other", id])];
  const answer = await ask(withParameters(list.dataset.liveRows ?? "", parameters));
  const body = answer?.querySelector<HTMLElement>("tbody[data-others]");
  if (!body || !list.isConnected) return;
  const fresh = rowsOf(body);
  for (const [id, byOthers] of shown) {
    const row = rows.get(id);
    const now = fresh.get(id);
    if (row && now) replaceCells(row, now, byOthers);
    else if (row) strike(row, said("not in this view any more"));
  }
  for (const id of (body.dataset.others ?? "").split(" ").filter(Boolean)) pending.fresh.add(id);
  if (pending.fresh.size > 0) announce(list, said("{count} new", { count: pending.fresh.size }));
}

/** Only cells that differ, so that focus and selection stay. One that is being changed waits. */
export function replaceCells(row: HTMLElement, now: HTMLElement, highlight: boolean): void {
  row.classList.toggle("is-muted", now.classList.contains("is-muted"));
  const cells = all(now, VALUES);
  for (const [position, cell] of all(row, VALUES).entries()) {
    const fresh = cells[position];
    if (cell.querySelector("form")) {
      if (fresh) waiting.set(cell, fresh);
      continue;
    }
    if (!fresh || bare(fresh) === bare(cell)) continue;
    const focused = cell.contains(document.activeElement);
    const adopted = document.importNode(fresh, true);
    if (highlight) adopted.classList.add("is-updated");
    cell.replaceWith(adopted);
    htmx.process(adopted);
    if (focused) reach(adopted);
  }
  const label = now.querySelector("[data-select-row]")?.getAttribute("aria-label");
  if (label) row.querySelector("[data-select-row]")?.setAttribute("aria-label", label);
}

/** What a cell became while it was being changed, for when that was given up. */
export function takeFresh(cell: HTMLElement): void {
  const fresh = waiting.get(cell);
  waiting.delete(cell);
  if (!fresh || bare(fresh) === bare(cell)) return;
  const adopted = document.importNode(fresh, true);
  cell.replaceWith(adopted);
  htmx.process(adopted);
}

/** The focus goes into a cell: to what it leads to, or to itself. */
function reach(cell: HTMLElement): void {
  const inside = cell.querySelector<HTMLElement>("a, button");
  if (!inside) cell.tabIndex = -1;
  (inside ?? cell).focus({ preventScroll: true });
}

function bare(cell: HTMLElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  // A cell that is being opened has the mark of a request.
  copy.classList.remove("is-updated", "is-editing", "htmx-request");
  // What walking through the cells leaves on them does not make them another.
  for (const name of ["tabindex", "aria-describedby", "data-row"]) copy.removeAttribute(name);
  if (copy.className === "") copy.removeAttribute("class");
  return copy.outerHTML;
}

/** The row stays where it is until the list is drawn anew; it cannot be selected any more. */
function strike(row: HTMLElement, reason: string): void {
  if (row.classList.contains("is-gone")) return;
  row.classList.add("is-gone");
  row.title = reason;
  const box = row.querySelector<HTMLInputElement>("[data-select-row]");
  if (box) {
    box.checked = false;
    box.disabled = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const note = document.createElement("span");
  note.className = "visually-hidden";
  note.textContent = ` (${reason})`;
  row.querySelector(VALUES)?.append(note);
  say(`${row.querySelector("[data-row-link]")?.textContent ?? said("A row")}: ${reason}`);
}

/** A button over the list that brings what is new. */
function announce(list: HTMLElement, words: string): void {
  let button = list.querySelector<HTMLButtonElement>("[data-live-news]");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-primary grid-news";
    button.dataset.liveNews = "";
    button.addEventListener("click", () => void load(list));
    list.prepend(button);
  }
  const shown = said("{words} – show", { words });
  if (button.textContent === shown) return;
  button.textContent = shown;
  say(said("{words} in this list", { words }));
}

/** Draws the list anew from its beginning; what is selected stays so. */
async function load(list: HTMLElement): Promise<void> {
  const selected = new Set(all<HTMLInputElement>(list, "[data-select-row]:checked").map((box) => box.value));
  const fresh = lists.get(list)?.fresh ?? new Set<string>();
  const address = list.dataset.liveBeginning ?? location.href;
  await htmx.ajax("get", address, { target: `#${list.id}`, select: `#${list.id}`, swap: "outerHTML" });
  readdress(address);
  const now = document.getElementById(list.id);
  if (!now) return;
  for (const [id, row] of rowsOf(now)) {
    if (fresh.has(id)) row.classList.add("is-updated");
    const box = row.querySelector<HTMLInputElement>("[data-select-row]");
    if (box && selected.has(id)) {
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  now.querySelector<HTMLElement>("[data-row-link]")?.focus({ preventScroll: true });
}
