// A record on paper: everything of its form, also what would be read only once it is scrolled to.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { fieldValue, holdsNothing } from "./form";

/** Longest that is waited for lists to arrive, in milliseconds. */
const PATIENCE = 8_000;

export function startPrint(): void {
  document.addEventListener("click", (event) => {
    const command = closest(event, "[data-print]");
    if (command) void print(command.dataset.print === "timeline");
  });
  // Also for the browser's own way to print; without waiting, as it does not.
  window.addEventListener("beforeprint", () => {
    spread();
    markBlank();
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("is-printed", "is-printed-with-timeline");
    for (const blank of all(document, "[data-blank]")) delete blank.dataset.blank;
  });
}

async function print(timeline: boolean): Promise<void> {
  document.body.classList.toggle("is-printed-with-timeline", timeline);
  await Promise.race([Promise.allSettled(waiting().map(load)), new Promise((done) => setTimeout(done, PATIENCE))]);
  window.print();
}

/** The lists of the record that nobody has scrolled to yet. */
function waiting(): HTMLElement[] {
  return all(document, "#record .subgrid [hx-get]").filter((list) => list.querySelector(":scope > .loading .spinner-border"));
}

function load(list: HTMLElement): Promise<void> {
  return htmx.ajax("get", list.getAttribute("hx-get") ?? "", { source: list, target: list, swap: "innerHTML" });
}

/** Shows all tabs, so that long texts are as tall as they are. */
function spread(): void {
  document.body.classList.add("is-printed");
  for (const area of all<HTMLTextAreaElement>(document, "#record textarea")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
}

/** Marks what holds nothing: what stands there on the screen helps to fill it in, and would read as a value. */
function markBlank(): void {
  const blank = [
    ...all(document, "#record .field[data-field]").filter((field) => isBlank(field)),
    ...all(document, "#record .record-facts > div").filter((fact) => says(fact.querySelector("dd"), /^–?$/)),
    ...all(document, "#record .subgrid").filter((list) => list.querySelector(".loading") !== null),
    ...all<HTMLTableElement>(document, "#record .subgrid table").flatMap(columnOfButtons),
  ];
  for (const part of blank) part.dataset.blank = "";
}

function isBlank(field: HTMLElement): boolean {
  const shown = field.querySelector(".read-only-value > span, .file-stored");
  if (shown) return says(shown, /^–?$/);
  return holdsNothing(fieldValue(field));
}

function says(part: Element | null, words: RegExp): boolean {
  return words.test(part?.textContent?.trim() ?? "");
}

/** The cells of a last column in which there is only something to click. */
function columnOfButtons(table: HTMLTableElement): HTMLElement[] {
  const cells = all(table, "tbody td:last-child");
  return cells.length > 0 && cells.every((cell) => cell.querySelector("button") && !cell.querySelector("a, select, input:not([type=hidden])")) ? all(table, "tr > :last-child") : [];
}
