// The head of a list: widths by dragging a column's edge or by keyboard, sorting by several columns,
// groups that open and close, views found by typing, columns put in order by dragging.
import htmx from "htmx.org";
import type Sortable from "sortablejs";
import { all, closest } from "./dom";
import { showFailure } from "./failures";
import { readdress, visit } from "./visits";
import { said } from "./words";

const NARROWEST = 60;
const WIDEST = 900;
/** How far one key press moves the edge of a column. */
const STEP = 20;

export function startLists(): void {
  document.addEventListener("click", sortFurther, true);
  document.addEventListener("click", toggleGroup);
  document.addEventListener("pointerdown", startResizing);
  document.addEventListener("keydown", resizeByKey);
  document.addEventListener("input", findView);
  document.addEventListener("keydown", openFoundView);
  document.addEventListener("shown.bs.dropdown", (event) => {
    const menu = (event.target as HTMLElement).parentElement;
    menu?.querySelector<HTMLInputElement>("[data-view-search]")?.focus();
  });
}

/** For each part of a page that arrives, once its selects are enhanced. */
export function enhanceLists(root: HTMLElement): void {
  for (const list of all(root, "[data-reorder]")) void reorder(list);
  // The browser's own autofocus meets the plain select, which a searchable box stands for.
  const wanted = root.querySelector<HTMLSelectElement & { tomselect?: { focus(): void } }>("select[autofocus]");
  if (root.closest("dialog")) wanted?.tomselect?.focus();
}

/** With Shift, a click on a head sorts by this column after those the list is sorted by already. */
function sortFurther(event: MouseEvent): void {
  const also = event.shiftKey ? closest(event, "a[data-also]")?.dataset.also : undefined;
  if (!also) return;
  event.preventDefault();
  event.stopPropagation();
  visit(also);
}

/** The first opening asks the server for the rows; from then on they are shown and hidden. */
function toggleGroup(event: MouseEvent): void {
  const button = closest(event, "[data-group-toggle]");
  if (!button) return;
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  button.closest("[data-group]")?.classList.toggle("is-closed", open);
}

interface Columns {
  table: HTMLTableElement;
  heads: HTMLTableCellElement[];
  cols: HTMLTableColElement[];
}

/** Gives every column the width that it has now, so that one can be changed without the others. */
function settleWidths(head: HTMLTableCellElement): Columns | null {
  const table = head.closest("table");
  if (!table) return null;
  const cells = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  const cols = [...table.querySelectorAll<HTMLTableColElement>("colgroup col")];
  if (cols.length !== cells.length) return null;
  if (!table.classList.contains("is-fixed")) {
    const widths = cells.map((cell) => cell.offsetWidth);
    for (const [place, col] of cols.entries()) col.width = String(widths[place]);
    table.classList.add("is-fixed");
    table.width = String(widths.reduce((sum, width) => sum + width, 0));
  }
  // Boxes and menus have columns of their own, before and behind.
  const isShown = (cell: HTMLTableCellElement) => cell.dataset.column !== undefined;
  return { table, heads: cells.filter(isShown), cols: cols.filter((_, place) => isShown(cells[place] as HTMLTableCellElement)) };
}

function setWidth({ table, heads, cols }: Columns, head: HTMLTableCellElement, width: number): void {
  const col = cols[heads.indexOf(head)];
  if (!col) return;
  const before = Number(col.width);
  const now = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
  col.width = String(now);
  table.width = String(Number(table.width) + now - before);
}

function startResizing(event: PointerEvent): void {
  const edge = closest(event, "[data-column-edge]");
  const head = edge?.closest<HTMLTableCellElement>("th[data-column]");
  const columns = head && settleWidths(head);
  if (!edge || !head || !columns || event.button !== 0) return;
  event.preventDefault();
  edge.setPointerCapture(event.pointerId);
  const [from, width] = [event.clientX, head.offsetWidth];
  const move = (moved: PointerEvent) => setWidth(columns, head, width + moved.clientX - from);
  edge.addEventListener("pointermove", move);
  const end = () => {
    edge.removeEventListener("pointermove", move);
    if (head.offsetWidth !== width) void keepWidths(columns);
  };
  edge.addEventListener("pointerup", end, { once: true });
  edge.addEventListener("pointercancel", end, { once: true });
}

let pending: number | undefined;

/** Shift and an arrow key on a head make its column wider or narrower. */
function resizeByKey(event: KeyboardEvent): void {
  if (!event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  const head = closest<HTMLTableCellElement>(event, "th[data-column]");
  const columns = head && settleWidths(head);
  if (!head || !columns) return;
  event.preventDefault();
  setWidth(columns, head, head.offsetWidth + (event.key === "ArrowLeft" ? -STEP : STEP));
  window.clearTimeout(pending);
  pending = window.setTimeout(() => void keepWidths(columns, head.dataset.column), 700);
}

/** The address says the widths from now on; everything that leads on from here does, too. */
async function keepWidths({ table, heads, cols }: Columns, focus?: string): Promise<void> {
  const results = table.closest<HTMLElement>(".grid-results");
  if (!results) return;
  const address = new URL(location.href);
  address.searchParams.delete("c");
  for (const [place, head] of heads.entries()) address.searchParams.append("c", `${head.dataset.column ?? ""}:${cols[place]?.width ?? ""}`);
  const scrolled = results.querySelector(".grid-scroll")?.scrollLeft ?? 0;
  const target = `#${results.id}`;
  await htmx.ajax("get", address.pathname + address.search, { target, select: target, swap: "outerHTML" });
  readdress(address);
  const now = document.querySelector(`${target} .grid-scroll`);
  if (now) now.scrollLeft = scrolled;
  if (focus) now?.querySelector<HTMLElement>(`th[data-column="${CSS.escape(focus)}"] a`)?.focus();
}

function findView(event: Event): void {
  const box = closest<HTMLInputElement>(event, "[data-view-search]");
  const menu = box?.closest("[data-view-list]");
  if (!box || !menu) return;
  const words = box.value.trim().toLowerCase().split(/\s+/);
  let found = 0;
  for (const view of all(menu, ".dropdown-item")) {
    const name = view.textContent?.toLowerCase() ?? "";
    view.hidden = !words.every((word) => name.includes(word));
    if (!view.hidden) found += 1;
  }
  for (const heading of all(menu, ".dropdown-header")) heading.hidden = box.value.trim() !== "";
  const none = menu.querySelector<HTMLElement>(".view-none");
  if (none) none.hidden = found > 0;
}

function openFoundView(event: KeyboardEvent): void {
  const box = event.key === "Enter" ? closest(event, "[data-view-search]") : null;
  box?.closest("[data-view-list]")?.querySelector<HTMLElement>(".dropdown-item:not([hidden])")?.click();
}

/** Dragging puts the columns of the dialog in order. Nothing is asked of the server, so that nobody who goes on at once
 * has the dialog drawn anew under the hands. */
async function reorder(list: HTMLElement): Promise<void> {
  try {
    const { default: Sorter } = (await import(list.dataset.reorder ?? "")) as { default: typeof Sortable };
    Sorter.create(list, {
      handle: "[data-grip]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
      forceFallback: true,
      ghostClass: "is-ghost",
      onEnd: () => {
        for (const button of all<HTMLButtonElement>(list, "button[value^='up:']")) button.disabled = !button.closest("li")?.previousElementSibling;
        for (const button of all<HTMLButtonElement>(list, "button[value^='down:']")) button.disabled = !button.closest("li")?.nextElementSibling;
      },
    });
  } catch {
    showFailure(said("Dragging columns does not work now: a part of the page could not be loaded. Use the arrow buttons."));
  }
}
