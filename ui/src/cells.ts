// Cells of a list by keyboard and mouse: arrows go from cell to cell, Enter, F2 and a double click
// open the value for a change, "." opens the menu of the row. It stays a plain table for whoever
// has it read out; cells are not in the order of Tab.
import htmx from "htmx.org";
import Dropdown from "@tabler/core/js/src/bootstrap/dropdown";
import { all, closest, isTyping } from "./dom";
import { isDirty, rememberValues } from "./form";
import type { Services } from "./lazy/inline";
import { followUnlessDoubled, FOLLOWED_LATER } from "./laterlinks";
import { replaceCells, takeFresh } from "./live/list";
import { say } from "./live/status";
import { showFailure } from "./failures";
import { said } from "./words";

const services: Services = {
  ask: (path, context) => htmx.ajax("get", path, context),
  replace: (row, now) => replaceCells(row, now, false),
  takeFresh,
  rememberValues,
  isDirty,
  reach,
  say,
};

export function startCells(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", followUnlessDoubled);
  document.addEventListener("click", (event) => {
    const cell = closest(event, "td[data-edit]");
    if (cell && !closest(event, "a, button, form") && !window.getSelection()?.toString()) reach(cell);
  });
  document.addEventListener("dblclick", (event) => {
    const cell = closest(event, "td[data-edit]");
    if (!cell || closest(event, `a:not(${FOLLOWED_LATER}), button, form`)) return;
    window.getSelection()?.removeAllRanges();
    edit(cell);
  });
  document.addEventListener("show.bs.dropdown", (event) => {
    const button = closest(event, "[data-row-menu]");
    if (button) void fill(button);
  });
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  if (event.key === ".") return openMenu(event);
  const cell = closest(event, "tr[data-row] td");
  if (!cell || closest(event, "form, .dropdown-menu.show, input") || (closest(event, ".dropdown") && event.key !== "ArrowLeft")) return;
  if (act(event, cell)) event.preventDefault();
}

/** Whether the key meant something. */
function act(event: KeyboardEvent, cell: HTMLElement): boolean {
  switch (event.key) {
    case "ArrowLeft":
      return go(valueCells(cell.closest("tr")), cell, -1);
    case "ArrowRight":
      return go(valueCells(cell.closest("tr")), cell, 1);
    case "ArrowUp":
    case "ArrowDown":
      return go(column(cell), cell, event.key === "ArrowDown" ? 1 : -1);
    case "Home":
      return reach(valueCells(cell.closest("tr"))[0]);
    case "End":
      return reach(valueCells(cell.closest("tr")).at(-1));
    case "F2":
      return edit(cell.dataset.edit === undefined ? cell.closest("tr")?.querySelector<HTMLElement>("td[data-edit]") : cell);
    case "Enter": {
      if (event.target !== cell) return false;
      if (cell.dataset.edit !== undefined) return edit(cell);
      const link = cell.querySelector<HTMLElement>("a") ?? cell.closest("tr")?.querySelector<HTMLElement>("[data-row-link]");
      link?.click();
      return link !== null;
    }
    default:
      return false;
  }
}

function go(cells: HTMLElement[], from: HTMLElement, step: number): boolean {
  return reach(cells[cells.indexOf(from) + step]);
}

function valueCells(row: HTMLElement | null): HTMLElement[] {
  return row ? all(row, "td:not(.grid-select, .grid-actions)") : [];
}

/** The cells above and below, and this one. */
function column(cell: HTMLElement): HTMLElement[] {
  const place = valueCells(cell.closest("tr")).indexOf(cell);
  const rows = all(cell.closest("tbody") ?? document, "tr[data-row]");
  return rows.map((row) => valueCells(row)[place]).filter((other): other is HTMLElement => other !== undefined);
}

/** The focus goes to a cell; its name is a link, which has it itself. */
function reach(cell: HTMLElement | undefined): boolean {
  if (!cell) return false;
  const name = cell.querySelector<HTMLElement>("[data-row-link]");
  if (!name) {
    cell.tabIndex = -1;
    if (cell.dataset.edit !== undefined) cell.setAttribute("aria-describedby", "grid-edit-help");
  }
  (name ?? cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** Opens a cell for a change; its script is fetched when the first one is. */
function edit(cell: HTMLElement | null | undefined): boolean {
  const address = cell?.closest<HTMLElement>("[data-edit-script]")?.dataset.editScript;
  if (!cell || !address || cell.closest(".is-gone")) return false;
  import(address).then(
    ({ open }: typeof import("./lazy/inline")) => open(cell, services),
    () => showFailure(said("Cells cannot be changed now: a part of the page could not be loaded. Open the record and change it there.")),
  );
  return true;
}

function openMenu(event: KeyboardEvent): void {
  const row = closest(event, "tr[data-row]") ?? document.querySelector("[data-grid] tr.is-current");
  const button = row?.querySelector<HTMLElement>("[data-row-menu]");
  if (!button) return;
  event.preventDefault();
  button.scrollIntoView({ block: "nearest" });
  button.focus({ preventScroll: true });
  Dropdown.getOrCreateInstance(button).show();
}

/** What can be done depends on the row as it is now, so that it is asked for each time. */
async function fill(button: HTMLElement): Promise<void> {
  const menu = button.parentElement?.querySelector<HTMLElement>(".dropdown-menu");
  const [row, list] = [button.closest("tr"), button.closest<HTMLElement>("[data-rows]")];
  if (!menu || !row || !list) return;
  menu.replaceChildren(Object.assign(document.createElement("span"), { className: "dropdown-item disabled", textContent: said("Loading…") }));
  const address = `${list.dataset.rows}/${row.dataset.id}/commands?list=${encodeURIComponent(list.dataset.list ?? "")}`;
  await htmx.ajax("get", address, { source: button, target: menu, swap: "innerHTML" });
  Dropdown.getInstance(button)?.update();
  if (document.activeElement === button) menu.querySelector<HTMLElement>(".dropdown-item:not(.disabled)")?.focus();
}
