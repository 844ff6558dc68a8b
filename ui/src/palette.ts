// The command palette: the search field of the top bar as a combobox. The server answers what was
// typed with records, views, pages and commands; what the page itself offers is added here. The
// focus stays in the field, arrow keys choose, Enter does it.
import htmx from "htmx.org";
import { all, closest, icon, iconIn, post } from "./dom";
import { recentElsewhere } from "./recent";
import { choose as chooseTheme } from "./theme";
import { onPage } from "./visits";
import { said } from "./words";

interface Parts {
  form: HTMLFormElement;
  input: HTMLInputElement;
  list: HTMLElement;
  panel: HTMLElement;
  status: HTMLElement | null;
}

let parts: Parts | null = null;
/** Enter was pressed before the answer to what was typed was here. */
let waiting = false;
/** What had the focus before the field. */
let before: HTMLElement | null = null;

export function startPalette(): void {
  const form = document.querySelector<HTMLFormElement>("[data-palette]");
  const input = form?.querySelector("input");
  const list = document.getElementById("palette");
  const panel = form?.querySelector<HTMLElement>("[data-palette-panel]");
  if (!form || !input || !list || !panel) return;
  parts = { form, input, list, panel, status: form.querySelector("[data-palette-status]") };
  // What was searched for on the page before.
  onPage(() => (input.value = input.defaultValue));

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    openPalette();
  });
  input.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = (event as CustomEvent<{ parameters: Record<string, string> }>).detail;
    if (input.value.trim() === "") parameters.recent = recentElsewhere().join(",");
  });
  list.addEventListener("htmx:afterSwap", onAnswer);
  // Not on every focus: a dialog that closes, or a window one comes back to, gives that too.
  input.addEventListener("focus", (event) => (before = event.relatedTarget as HTMLElement | null));
  input.addEventListener("click", open);
  input.addEventListener("input", () => {
    waiting = false;
    markActive(null);
    open();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) close();
  });
  form.addEventListener("keydown", onKey);
  form.addEventListener("click", onClick);
  // The list must not take the focus from the field.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("submit", (event) => {
    if (input.value.trim() === "") event.preventDefault();
  });
}

/** Goes to the field, from wherever one is on the page. */
export function openPalette(): void {
  if (!parts || document.querySelector("dialog[open]")) return;
  parts.input.focus();
  parts.input.select();
  open();
}

function open(): void {
  if (!parts || !parts.panel.hidden) return;
  parts.panel.hidden = false;
  parts.form.classList.add("is-open");
  parts.form.querySelector<HTMLElement>("[data-palette-close]")!.hidden = false;
  parts.input.setAttribute("aria-expanded", "true");
  // Each time anew: what was visited and pinned may be other by now.
  htmx.trigger(parts.input, "palette");
}

function close(): void {
  if (!parts || parts.panel.hidden) return;
  waiting = false;
  parts.panel.hidden = true;
  parts.form.classList.remove("is-open");
  parts.form.querySelector<HTMLElement>("[data-palette-close]")!.hidden = true;
  parts.input.setAttribute("aria-expanded", "false");
  markActive(null);
}

/** Whether what is listed answers what stands in the field now. */
function isFresh(): boolean {
  const answer = parts?.list.querySelector<HTMLElement>("[data-answers]");
  return answer !== null && answer?.dataset.answers === parts?.input.value.trim();
}

function onAnswer(): void {
  if (!parts) return;
  addPageCommands(parts);
  const found = options();
  // The best match waits for Enter once something was typed.
  markActive(parts.input.value.trim() === "" ? null : (found[0] ?? null));
  if (parts.status) parts.status.textContent = found.length === 0 ? said("Nothing found") : said("{count} found", { count: found.length });
  if (!waiting || !isFresh()) return;
  waiting = false;
  if (found[0]) run(found[0], false);
}

function options(): HTMLElement[] {
  return parts ? all(parts.list, "[role=option]") : [];
}

function active(): HTMLElement | null {
  return parts?.list.querySelector<HTMLElement>("[aria-selected=true]") ?? null;
}

function markActive(option: HTMLElement | null): void {
  if (!parts) return;
  for (const other of all(parts.list, "[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  if (!option) return parts.input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  parts.input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function onKey(event: KeyboardEvent): void {
  if (!parts || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    if (parts.panel.hidden) return void (parts.input.value = "");
    close();
    return leave();
  }
  if (event.target !== parts.input) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (parts.panel.hidden) return open();
    const found = options();
    if (found.length === 0) return;
    const at = found.indexOf(active()!);
    const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? found.length - 1 : at - 1;
    return markActive(found[(next + found.length) % found.length] ?? null);
  }
  if (event.key !== "Enter" || parts.panel.hidden) return;
  const chosen = active();
  if (isFresh() && chosen) {
    event.preventDefault();
    run(chosen, event.ctrlKey || event.metaKey);
  } else if (!isFresh() && parts.input.value.trim() !== "") {
    event.preventDefault();
    waiting = true;
  }
}

function onClick(event: MouseEvent): void {
  if (closest(event, "[data-palette-close]")) {
    parts?.input.blur();
    return close();
  }
  const option = closest(event, "[role=option]");
  if (!option || option instanceof HTMLAnchorElement) return;
  run(option, false);
}

function run(option: HTMLElement, inNewTab: boolean): void {
  const { opens, themeName, submits } = option.dataset;
  const pageCommand = pageCommands.get(option);
  if (option instanceof HTMLAnchorElement) {
    if (inNewTab) window.open(option.href, "_blank", "noopener");
    else option.click();
    return;
  }
  close();
  leave();
  if (pageCommand) return pageCommand.click();
  if (themeName) return chooseTheme(themeName);
  if (opens) return openDialog(opens);
  if (submits) {
    const form = document.querySelector<HTMLFormElement>(`form[action="${submits}"]`);
    if (form) form.requestSubmit();
    else post(submits, []);
  }
}

/** Opens a dialog of the server; when it closes, the focus is where it was before the palette. */
function openDialog(address: string): void {
  document.addEventListener("close", () => before?.focus(), { capture: true, once: true });
  // Asked for by the body: a field would send what stands in it along.
  void htmx.ajax("get", address, { source: document.body, target: "#dialogs", swap: "innerHTML" });
}

/** Leaves the field as it was found, and the focus where it was. */
function leave(): void {
  if (!parts) return;
  parts.input.value = parts.input.defaultValue;
  parts.input.blur();
  before?.focus();
}

/** What the page's own buttons do, by the option that stands for them. */
const pageCommands = new WeakMap<HTMLElement, HTMLElement>();

/**
 * The commands of the page, such as Qualify on a lead: the very buttons it shows, so that what one
 * may do here is decided in one place.
 */
function addPageCommands({ input, list }: Parts): void {
  const typed = input.value.trim().replace(/^>\s*/, "");
  const answer = list.querySelector("[data-answers]");
  const found = new Map<string, HTMLElement>();
  for (const command of all(document, "main .command-bar :is(a, button):not([data-bs-toggle], .disabled, :disabled), [data-pin]")) {
    const name = (command.getAttribute("aria-label") ?? command.textContent ?? "").trim();
    if (name && !found.has(name) && fits(name, typed)) found.set(name, command);
  }
  if (!answer || found.size === 0) return;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-labelledby", "palette-page");
  const heading = document.createElement("div");
  heading.className = "suggestion-group";
  heading.setAttribute("role", "presentation");
  heading.id = "palette-page";
  heading.textContent = said("On this page");
  group.append(heading);
  for (const [name, command] of found) group.append(pageOption(name, command, group.childElementCount));
  // Without words what was visited comes first; with words the page's own command is the likelier one.
  if (typed === "") answer.append(group);
  else answer.prepend(group);
}

function pageOption(name: string, command: HTMLElement, number: number): HTMLElement {
  const option = document.createElement("div");
  option.className = "suggestion";
  option.id = `palette-page-${number}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const label = document.createElement("span");
  label.className = "suggestion-label";
  label.textContent = name;
  option.append(icon(iconIn(command) ?? "arrow-right"), label);
  pageCommands.set(option, command);
  return option;
}

/** As the server compares: every word typed begins a word of the name. */
function fits(name: string, typed: string): boolean {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return typed.toLowerCase().split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
}
