// The focus in the editor of a filter: on its first field when it opens, and where it was when the server
// draws the editor anew for another column or comparison.
import { all } from "./dom";

type Box = HTMLSelectElement & { tomselect?: { focus(): void; control_input: HTMLElement } };

const EDITOR = "[data-filter-editor]";
const FIELDS = "select, input:not([type=hidden]):not([role=combobox]), textarea";
/** Name of the field that was focused in the editor that goes. */
let held: string | undefined;

export function startFilterFocus(): void {
  document.addEventListener("shown.bs.dropdown", (event) => {
    const popover = (event.target as HTMLElement).parentElement?.querySelector<HTMLElement>(".filter-popover");
    if (popover) focusFirst(popover);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = (event as CustomEvent<{ target: HTMLElement }>).detail;
    held = target.matches(EDITOR) ? fields(target).find(isFocused)?.name : undefined;
  });
}

/** For each part of a page that arrives, once its selects are enhanced. */
export function focusFilter(root: HTMLElement): void {
  if (!root.matches(EDITOR)) return;
  const popover = root.closest<HTMLElement>(".filter-popover");
  const again = fields(root).find((field) => field.name === held);
  held = undefined;
  if (again) focus(again);
  else if (popover && document.activeElement === popover.parentElement?.querySelector("[data-bs-toggle]")) focusFirst(popover);
}

function focusFirst(part: HTMLElement): void {
  const [first] = fields(part);
  if (first) focus(first);
}

function fields(part: HTMLElement): Box[] {
  return all<Box>(part, FIELDS);
}

function isFocused(field: Box): boolean {
  return document.activeElement === (field.tomselect?.control_input ?? field);
}

function focus(field: Box): void {
  if (field.tomselect) field.tomselect.focus();
  else field.focus();
}
