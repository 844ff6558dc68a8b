// Single keys as commands: g and a letter leads to a place, n makes something new, and so on. They
// keep quiet while somebody types or a dialog is open, and for whoever has turned them off.
import htmx from "htmx.org";
import Dropdown from "@tabler/core/js/src/bootstrap/dropdown";
import { ringBell } from "./bell";
import { all, isTyping } from "./dom";
import { openPalette } from "./palette";

/** How long "g" waits for its letter, in milliseconds. */
const PATIENCE = 1_500;

/** When "g" was pressed. */
let went = -Infinity;

export function startShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const going = event.timeStamp - went < PATIENCE;
    went = -Infinity;
    if (going ? go(event.key) : act(event)) event.preventDefault();
  });
}

function go(key: string): boolean {
  if (!/^[a-z]$/.test(key)) return false;
  const place = document.querySelector<HTMLAnchorElement>(`[data-go="${key}"]`);
  place?.click();
  return place !== null;
}

/** Whether the key meant something. */
function act(event: KeyboardEvent): boolean {
  switch (event.key) {
    case "g":
      went = event.timeStamp;
      return true;
    case "/": {
      // On a list or a board, its own filter.
      const filter = document.querySelector<HTMLInputElement>("[data-grid-filter]");
      if (filter) filter.focus();
      else openPalette();
      return true;
    }
    case "?":
      void htmx.ajax("get", "/shortcuts", { source: document.body, target: "#dialogs", swap: "innerHTML" });
      return true;
    case "n":
      return create();
    case "b":
      return ringBell();
    case "p":
      return click("[data-pin]");
    case "u":
      return click(".record-trail a");
    case "e":
      return edit();
    default:
      return false;
  }
}

function click(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.click();
  return element !== null;
}

/** The short form of the table one is at; elsewhere the menu. */
function create(): boolean {
  const menu = document.querySelector<HTMLElement>("[data-create-menu]");
  if (!menu) return false;
  const set = location.pathname.split("/")[1] ?? "";
  const own = all(menu, "[hx-get]").find((item) => item.getAttribute("hx-get") === `/${set}/quick-create`);
  if (own) {
    own.click();
    return true;
  }
  const toggle = menu.querySelector("[data-bs-toggle]");
  if (!toggle) return false;
  Dropdown.getOrCreateInstance(toggle).show();
  menu.querySelector<HTMLElement>(".dropdown-item")?.focus();
  return true;
}

/** Into the form of a record; in a list to the row one has walked to. */
function edit(): boolean {
  const row = document.querySelector<HTMLAnchorElement>("tr.is-current [data-row-link]");
  if (row) {
    row.click();
    return true;
  }
  const fields = all(document, "#record .form-section .field :is(input, select, textarea):not([type=hidden], [type=file], :disabled, [readonly])");
  const first = fields.find((field) => field.offsetParent !== null && field.tabIndex >= 0);
  first?.focus();
  return first !== undefined;
}
