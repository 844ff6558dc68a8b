// Grids: selecting rows, acting on them, and walking through them by keyboard.
import { all, closest, isTyping } from "./dom";

export function startGrids(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    const everyRow = closest<HTMLInputElement>(event, "[data-select-all]");
    const grid = closest(event, "[data-grid]");
    if (!grid) return;
    if (everyRow) for (const box of boxes(grid)) box.checked = everyRow.checked;
    showSelection(grid);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterSettle", () => {
    for (const grid of all(document, "[data-grid]")) showSelection(grid);
  });
  // The selected rows go along with every command of the bulk bar.
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, formData } = (event as CustomEvent<{ elt: HTMLElement; formData: FormData }>).detail;
    for (const id of selectedRows(elt)) formData.append("id", id);
  });
  // Coming back by "back", the browser restores checked boxes.
  window.addEventListener("pageshow", () => {
    for (const grid of all(document, "[data-grid]")) showSelection(grid);
  });
}

/** Ids of the rows that a command of a bulk bar is about. */
export function selectedRows(command: HTMLElement): string[] {
  const grid = command.closest("[data-bulk-bar]")?.closest<HTMLElement>("[data-grid]");
  return grid ? checked(grid).map((box) => box.value) : [];
}

function boxes(grid: ParentNode): HTMLInputElement[] {
  return all<HTMLInputElement>(grid, "[data-select-row]");
}

function checked(grid: ParentNode): HTMLInputElement[] {
  return boxes(grid).filter((box) => box.checked);
}

let lastBox: HTMLInputElement | null = null;

function onClick(event: MouseEvent): void {
  const grid = closest(event, "[data-grid]");
  if (!grid) return;
  if (closest(event, "[data-select-none]")) return clear(grid);

  const box = closest<HTMLInputElement>(event, "[data-select-row]");
  if (box) return selectRange(grid, box, event.shiftKey);

  const row = closest(event, "[data-row]");
  if (!row) return;
  // The whole cell of the box is the box, so that a near miss does not open the record.
  const cell = closest(event, ".grid-select");
  if (cell) return cell.querySelector<HTMLInputElement>("[data-select-row]")?.click();
  if (closest(event, "a, button, input, label") || window.getSelection()?.toString()) return;
  openRow(row, event.ctrlKey || event.metaKey);
}

function selectRange(grid: HTMLElement, box: HTMLInputElement, range: boolean): void {
  const list = boxes(grid);
  const from = lastBox ? list.indexOf(lastBox) : -1;
  if (range && from >= 0) {
    const to = list.indexOf(box);
    for (const between of list.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
  }
  lastBox = box;
  showSelection(grid);
}

function clear(grid: HTMLElement): void {
  for (const box of boxes(grid)) box.checked = false;
  showSelection(grid);
  grid.querySelector<HTMLElement>("[data-select-all]")?.focus();
}

function showSelection(grid: HTMLElement): void {
  const rows = boxes(grid);
  const selected = checked(grid);
  for (const box of rows) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  const everyRow = grid.querySelector<HTMLInputElement>("[data-select-all]");
  if (everyRow) {
    everyRow.checked = rows.length > 0 && selected.length === rows.length;
    everyRow.indeterminate = selected.length > 0 && selected.length < rows.length;
  }
  const bar = grid.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = selected.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  if (count) count.textContent = `${selected.length} selected`;
}

function openRow(row: HTMLElement, inNewTab: boolean): void {
  const link = row.querySelector<HTMLAnchorElement>("[data-row-link]");
  if (!link) return;
  if (inNewTab) window.open(link.href, "_blank", "noopener");
  else link.click();
}

/** j and k walk, x selects, Enter opens, Escape clears the selection. */
function onKey(event: KeyboardEvent): void {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
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
      if (checked(grid).length > 0) clear(grid);
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
