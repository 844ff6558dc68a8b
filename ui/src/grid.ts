// Grids: acting on rows, and walking through them by keyboard.
import { startCells } from "./cells";
import { all, closest, isTyping } from "./dom";
import { clear, hasSelection, select, startSelection } from "./selection";

/** Narrower, rows are cards: a tap anywhere opens one. */
const CARDS = "(max-width: 767.98px)";

export function startGrids(): void {
  document.addEventListener("click", onClick);
  startSelection();
  startCells();
  document.addEventListener("keydown", onKey);
}

function onClick(event: MouseEvent): void {
  const grid = closest(event, "[data-grid]");
  if (!grid || select(event, grid)) return;
  const row = closest(event, "[data-row]");
  if (!row || row.classList.contains("is-gone")) return;
  if (closest(event, "a, button, input, label, form, .dropdown") || window.getSelection()?.toString()) return;
  // A cell that can be changed is gone to; its record opens by its name.
  const cell = closest(event, "td[data-edit]");
  if (cell && !window.matchMedia(CARDS).matches) return;
  openRow(row, event.ctrlKey || event.metaKey);
}

export function openRow(row: HTMLElement, inNewTab: boolean): void {
  const link = row.querySelector<HTMLAnchorElement>("[data-row-link]");
  if (!link) return;
  if (inNewTab) window.open(link.href, "_blank", "noopener");
  else link.click();
}

/** j and k walk, x selects, Enter opens, Escape clears the selection. */
function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const grid = document.querySelector<HTMLElement>("[data-grid]");
  if (!grid) return;
  const row = grid.querySelector<HTMLElement>("tr.is-current");
  switch (event.key) {
    case "j":
      return walk(grid, row, 1);
    case "k":
      return walk(grid, row, -1);
    case "x":
      return row?.querySelector<HTMLInputElement>("[data-select-row]")?.click();
    case "Enter":
      if (row && (event.target === document.body || row.contains(event.target as Node)) && !closest(event, "a, button, input")) openRow(row, false);
      return;
    case "Escape":
      if (hasSelection(grid)) clear(grid);
      return;
  }
}

function walk(grid: HTMLElement, current: HTMLElement | null, step: number): void {
  const rows = all(grid, "[data-row]");
  const at = current ? rows.indexOf(current) : step > 0 ? -1 : rows.length;
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return;
  current?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector<HTMLElement>("[data-row-link]")?.focus({ preventScroll: true });
}
