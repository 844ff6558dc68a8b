// The dialog that changes columns of many rows: a column is added once, and may be taken out again.
import htmx from "htmx.org";
import { all, closest } from "./dom";

export function startBulkEdit(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const chooser = closest(event, "[data-add-column]");
    const select = chooser?.querySelector("select");
    if (!chooser || !select || (event as CustomEvent<{ elt: HTMLElement }>).detail.elt !== chooser) return;
    const wanted = select.value;
    const known = wanted ? blocks(chooser).find((block) => block.dataset.bulkColumn === wanted) : undefined;
    if (wanted && !known) return;
    event.preventDefault();
    select.value = "";
    if (known) reach(known);
  });
  htmx.onLoad((root) => {
    const block = root as HTMLElement;
    if (!block.matches("[data-bulk-column]")) return;
    const select = block.closest("form")?.querySelector<HTMLSelectElement>("[data-add-column] select");
    if (select) select.value = "";
    reach(block);
  });
  document.addEventListener("click", (event) => {
    const block = closest(event, "[data-remove-column]")?.closest("[data-bulk-column]");
    if (!block) return;
    const form = block.closest("form");
    block.remove();
    form?.querySelector<HTMLElement>("[data-add-column] select")?.focus();
  });
  // A value that is cleared is not filled in.
  document.addEventListener("change", (event) => {
    const box = closest<HTMLInputElement>(event, "[data-bulk-column] input[name=clear]");
    box?.closest("[data-bulk-column]")?.querySelector<HTMLElement>(".field")?.toggleAttribute("inert", box.checked);
  });
}

function blocks(chooser: HTMLElement): HTMLElement[] {
  return all(chooser.closest("form") ?? document, "[data-bulk-column]");
}

function reach(block: HTMLElement): void {
  block.querySelector<HTMLElement>(".ts-control input, input:not([type=hidden]), select:not(.tomselected), textarea")?.focus();
}
