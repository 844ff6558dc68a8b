// Selected rows of a list. A selection outlives paging: what was selected on another page stays so,
// until the list shows something else. The whole list can be selected without loading it.
import { all, closest } from "./dom";
import { ask } from "./live/ask";
import { onPage } from "./visits";
import { said } from "./words";

interface Selection {
  rows: Set<string>;
  /** What the list shows; a selection belongs to it. */
  list: string;
  /** All rows of the list are selected. */
  whole: boolean;
  /** How many these are, in words and as a number; empty where they are too many to be changed. */
  words: string;
  count: string;
}

type Pair = [string, string];

/** With more rows the dialog is asked for by their number, and they are named when it is sent. */
const NAMED = 100;

const selections = new WeakMap<HTMLElement, Selection>();
let lastBox: HTMLInputElement | null = null;
/** The list whose command opened the dialog that is open. */
let acting: HTMLElement | null = null;

export function startSelection(): void {
  onPage(showBar);
  document.addEventListener("change", (event) => {
    const everyRow = closest<HTMLInputElement>(event, "[data-select-all]");
    const grid = closest(event, "[data-grid]");
    if (!grid || !closest(event, "[data-select-all], [data-select-row]")) return;
    if (everyRow) for (const box of boxes(grid)) box.checked = everyRow.checked && !box.disabled;
    readBoxes(grid);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const grid of all(document, "[data-grid]")) showBoxes(grid);
  });
  document.addEventListener("htmx:configRequest", sendAlong);
  // Coming back by "back", the browser restores checked boxes.
  window.addEventListener("pageshow", () => {
    for (const grid of all(document, "[data-grid]")) readBoxes(grid);
  });
}

/** What a command of a bulk bar is sent with: the rows it is about, or the list they make up. */
export function selectedRows(command: HTMLElement): Pair[] {
  const grid = gridOf(command);
  return grid ? named(selectionOf(grid)) : [];
}

/** Whether a click was about selecting. */
export function select(event: MouseEvent, grid: HTMLElement): boolean {
  if (closest(event, "[data-select-none]")) {
    clear(grid);
    return true;
  }
  if (closest(event, "[data-select-view]")) {
    void selectWhole(grid);
    return true;
  }
  const box = closest<HTMLInputElement>(event, "[data-select-row]");
  if (box) {
    selectRange(grid, box, event.shiftKey);
    return true;
  }
  // The whole cell of the box is the box, so that a near miss does not open the record.
  const cell = closest(event, "input") ? null : closest(event, ".grid-select");
  cell?.querySelector<HTMLInputElement>("[data-select-row], [data-select-all]")?.click();
  return cell !== null;
}

export function hasSelection(grid: HTMLElement): boolean {
  const selection = selectionOf(grid);
  return selection.whole || selection.rows.size > 0;
}

export function clear(grid: HTMLElement): void {
  selections.delete(grid);
  for (const box of boxes(grid)) box.checked = false;
  show(grid);
  grid.querySelector<HTMLElement>("[data-select-all]")?.focus();
}

function gridOf(command: HTMLElement): HTMLElement | null {
  return command.closest("[data-bulk-bar]")?.closest<HTMLElement>("[data-grid]") ?? null;
}

function boxes(grid: ParentNode): HTMLInputElement[] {
  return all<HTMLInputElement>(grid, "[data-select-row]");
}

function results(grid: HTMLElement): HTMLElement | null {
  return grid.querySelector<HTMLElement>("[data-rows]");
}

/** The selection of a list; another list begins without one. */
function selectionOf(grid: HTMLElement): Selection {
  const list = results(grid)?.dataset.list ?? "";
  const known = selections.get(grid);
  if (known && known.list === list) return known;
  const selection = { rows: new Set<string>(), list, whole: false, words: "", count: "" };
  selections.set(grid, selection);
  return selection;
}

/** Takes over what the boxes of this page say. */
function readBoxes(grid: HTMLElement): void {
  const selection = selectionOf(grid);
  for (const box of boxes(grid)) {
    if (box.checked) selection.rows.add(box.value);
    else selection.rows.delete(box.value);
    if (!box.checked && !box.disabled) selection.whole = false;
  }
  show(grid);
}

/** Checks the boxes of rows that are selected already. */
function showBoxes(grid: HTMLElement): void {
  const selection = selectionOf(grid);
  for (const box of boxes(grid)) {
    box.checked = !box.disabled && (selection.whole || selection.rows.has(box.value));
    if (box.checked) selection.rows.add(box.value);
  }
  show(grid);
}

function selectRange(grid: HTMLElement, box: HTMLInputElement, range: boolean): void {
  const list = boxes(grid);
  const from = lastBox ? list.indexOf(lastBox) : -1;
  if (range && from >= 0) {
    const to = list.indexOf(box);
    for (const between of list.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked && !between.disabled;
  }
  lastBox = box;
  readBoxes(grid);
}

async function selectWhole(grid: HTMLElement): Promise<void> {
  const [place, selection] = [results(grid)?.dataset.rows ?? "", selectionOf(grid)];
  const answer = await ask(`${place}/selection?all=${encodeURIComponent(selection.list)}`);
  const told = answer?.querySelector<HTMLElement>("[data-whole-list], [data-too-many]");
  if (!told || selectionOf(grid) !== selection) return;
  selection.whole = true;
  selection.words = told.textContent ?? "";
  selection.count = told.dataset.wholeList ?? "";
  showBoxes(grid);
  grid.querySelector<HTMLElement>("[data-select-none]")?.focus();
}

function show(grid: HTMLElement): void {
  const [rows, selection] = [boxes(grid), selectionOf(grid)];
  const here = rows.filter((box) => box.checked).length;
  for (const box of rows) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  const everyRow = grid.querySelector<HTMLInputElement>("[data-select-all]");
  if (everyRow) {
    everyRow.checked = rows.length > 0 && here === rows.length;
    everyRow.indeterminate = here > 0 && here < rows.length;
  }
  const bar = grid.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = !selection.whole && selection.rows.size === 0;
  showBar();
  const count = bar.querySelector("[data-bulk-count]");
  if (count) count.textContent = wordsOf(selection, here);
  const wholeList = bar.querySelector<HTMLElement>("[data-select-view]");
  if (wholeList) wholeList.hidden = selection.whole || !everyRow?.checked || results(grid)?.dataset.moreRows === undefined;
  offer(bar, selection);
}

/** Messages keep clear of the bar. A class and not `:has`: that would have the whole page styled anew with each change of it. */
function showBar(): void {
  document.body.classList.toggle("has-bulk-bar", document.querySelector("[data-bulk-bar]:not([hidden])") !== null);
}

function wordsOf(selection: Selection, here: number): string {
  if (selection.whole) return selection.words;
  const elsewhere = selection.rows.size - here;
  return elsewhere > 0 ? said("{count} selected, {elsewhere} on other pages", { count: selection.rows.size, elsewhere }) : said("{count} selected", { count: selection.rows.size });
}

/** Commands that this selection is for; of too many rows only a file can be made. */
function offer(bar: HTMLElement, selection: Selection): void {
  const tooMany = selection.whole && selection.count === "";
  for (const command of all<HTMLButtonElement>(bar, "button[hx-get], button[data-post]")) {
    const wanted = command.dataset.selected;
    command.hidden = wanted !== undefined && (selection.whole || selection.rows.size !== Number(wanted));
    command.disabled = tooMany && !command.dataset.post?.includes("format=");
  }
}

function named(selection: Selection): Pair[] {
  if (!selection.whole) return [...selection.rows].map((id) => ["id", id]);
  const count: Pair[] = selection.count ? [["count", selection.count]] : [];
  return [["all", selection.list], ...count];
}

/** The selected rows go along with every command of the bulk bar, and with the dialog it opened. */
function sendAlong(event: Event): void {
  const { elt, formData } = (event as CustomEvent<{ elt: HTMLElement; formData: FormData }>).detail;
  const grid = gridOf(elt);
  if (grid) {
    acting = grid;
    const selection = selectionOf(grid);
    const pairs: Pair[] = !selection.whole && selection.rows.size > NAMED ? [["count", String(selection.rows.size)]] : named(selection);
    for (const [name, value] of pairs) formData.append(name, value);
    return;
  }
  const later = elt.matches("#dialogs form") && formData.has("count") && !formData.has("id") && !formData.has("all");
  if (!later || !acting) return;
  for (const [name, value] of named(selectionOf(acting))) formData.append(name, value);
}
