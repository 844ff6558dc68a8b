// A record on paper: everything of its form, also what would be read only once it is scrolled to.
import htmx from "htmx.org";
import { all, closest } from "./dom";

/** Longest that is waited for lists to arrive, in milliseconds. */
const PATIENCE = 8_000;

export function startPrint(): void {
  document.addEventListener("click", (event) => {
    const command = closest(event, "[data-print]");
    if (command) void print(command.dataset.print === "timeline");
  });
  // Also for the browser's own way to print; without waiting, as it does not.
  window.addEventListener("beforeprint", spread);
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("is-printed", "is-printed-with-timeline");
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
