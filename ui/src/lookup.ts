// Lookups: another record, or several, found while typing, or created on the spot.
import TomSelect from "tom-select/base";
import htmx from "htmx.org";
import { behaveAsCombobox } from "./combobox";
import { all, icon, offPage } from "./dom";
import { over, showFailure, showUnreachable } from "./failures";
import { said } from "./words";

/** What `/lookup/{table}/{column}?q=` answers, a list of it. */
interface Match {
  id: string;
  table: string;
  label: string;
  secondary?: string;
}

/** What the server says when a quick-create dialog made a record for a lookup. */
export interface CreatedRecord extends Match {
  for: string;
}

const LOOKUP = "select[data-lookup]";
/** What its failure is told as. */
const SEARCH = "lookup";

interface Option {
  value: string;
  text: string;
  table: string;
  secondary: string;
  /** Address of a quick-create dialog, on the rows that offer to create a record. */
  create?: string;
}

/** Those of a tab that is closed when there is time for it, at the latest when it opens. */
export function startLookups(): void {
  document.addEventListener("show.bs.tab", (event) => {
    const tab = document.getElementById((event.target as HTMLElement).getAttribute("aria-controls") ?? "");
    if (tab) enhanceAll(all(tab, LOOKUP));
  });
}

export function enhanceLookups(root: HTMLElement): void {
  const hidden = (select: HTMLSelectElement): boolean => select.closest(".tab-pane:not(.active)") !== null;
  const lookups = all<HTMLSelectElement>(root, LOOKUP);
  enhanceAll(lookups.filter((select) => !hidden(select)));
  const later = lookups.filter(hidden);
  if (later.length > 0) requestIdleCallback(() => enhanceAll(later.filter((select) => select.isConnected)), { timeout: 1_000 });
}

function enhanceAll(lookups: HTMLSelectElement[]): void {
  for (const select of lookups) if (!("tomselect" in select)) offPage(select, () => enhance(select));
}

/** Puts a record that was created for a lookup into it. */
export function fillLookup(record: CreatedRecord): void {
  const select = document.getElementById(record.for) as (HTMLSelectElement & { tomselect?: TomSelect }) | null;
  if (!select?.tomselect) return;
  const option = toOption(record);
  select.tomselect.addOption(option);
  select.tomselect.setValue(option.value);
}

function enhance(select: HTMLSelectElement): void {
  const icons = new Map((select.dataset.icons ?? "").split(" ").map((pair) => pair.split("=") as [string, string]));
  const create = Object.entries(JSON.parse(select.dataset.create ?? "{}") as Record<string, string>);
  const label = document.querySelector(`label[for="${select.id}"]`)?.textContent?.replace(/[*+].*$/, "").trim() ?? "";
  const described = select.getAttribute("aria-describedby");
  const invalid = select.getAttribute("aria-invalid");
  select.setAttribute("aria-hidden", "true"); // people meet the text box that stands for it

  const several = select.multiple;
  const addresses = select.dataset.addresses !== undefined;
  icons.set(ADDRESS, "mail");

  const face = (option: Option, secondary: boolean): HTMLElement => {
    const row = document.createElement("div");
    row.className = option.create ? "lookup-row is-create" : "lookup-row";
    row.append(icon(option.create ? "plus" : (icons.get(option.table) ?? "file")));
    const name = document.createElement("span");
    name.className = "lookup-name";
    name.textContent = option.text;
    row.append(name);
    if (secondary && option.secondary) {
      const more = document.createElement("span");
      more.className = "lookup-secondary";
      more.textContent = option.secondary;
      row.append(more);
    }
    if (several && !secondary) row.append(remover(option, () => box));
    return row;
  };

  const box: TomSelect = new TomSelect(select, {
    maxItems: several ? null : 1,
    maxOptions: null,
    hideSelected: several,
    valueField: "value",
    labelField: "text",
    searchField: [],
    preload: "focus",
    loadThrottle: 180,
    refreshThrottle: 0,
    allowEmptyOption: false,
    closeAfterSelect: true,
    selectOnTab: true,
    placeholder: said("Type to search"),
    hidePlaceholder: true,
    shouldLoad: () => true,
    score: () => () => 1, // the server has already chosen and ordered
    load: (query: string, done: (options?: Option[]) => void) => {
      search(select.dataset.lookup ?? "", query)
        .then((matches) => {
          // An answer to what was typed earlier is not shown any more.
          if (query !== box.inputValue().trim() && query !== "") return done();
          keepOnlyChosen(box);
          const address = addresses && isAddress(query) ? [addressOption(query)] : [];
          done([...matches.map(toOption), ...address, ...create.map(([text, href]) => creator(text, href))]);
          freshness.answered(query);
          over(SEARCH);
        })
        .catch((error: unknown) => {
          // What a browser says where no answer came.
          if (error instanceof TypeError) showUnreachable();
          else showFailure(said("The list cannot be loaded just now. Try again in a moment."), SEARCH);
          done();
        });
    },
    render: {
      option: (option: Option) => face(option, true),
      item: (option: Option) => face(option, false),
      no_results: () => text(said("No match. Try fewer letters.")),
      loading: () => text(said("Searching…")),
      not_loading: () => text(""),
    },
    onInitialize(this: TomSelect) {
      const input = this.control_input;
      input.setAttribute("aria-label", label);
      if (described) input.setAttribute("aria-describedby", described);
      if (invalid) input.setAttribute("aria-invalid", invalid);
    },
    onChange: (value: string) => {
      // A row that offers to create a record is a command, not a value.
      const option = several ? undefined : (box.options[value] as Option | undefined);
      if (option?.create) {
        const typed = box.lastQuery ?? "";
        box.clear(true);
        openQuickCreate(select, option.create, typed);
        return;
      }
      select.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });

  behaveAsCombobox(box, true);
  const freshness = guardFreshness(box);
  if (several) {
    // Before the box itself notices that it is left, and empties its text.
    if (addresses) box.control_input.addEventListener("blur", () => takeAddress(box), { capture: true });
  } else {
    replaceByTyping(box);
    addTools(select, box, label);
  }
}

/**
 * Enter and Tab choose only what was found for the text as it stands: before the answer is here
 * Enter waits for it, and suggestions for an earlier text are gone at once.
 */
function guardFreshness(box: TomSelect): { answered(query: string): void } {
  let shown = "";
  let waitingFor: string | null = null;
  const typed = () => box.inputValue().trim();
  const isFresh = () => typed() === shown;
  box.on("type", () => {
    if (typed() !== waitingFor) waitingFor = null;
    if (isFresh()) return;
    keepOnlyChosen(box);
    box.clearActiveOption();
    box.refreshOptions(true);
  });
  box.on("blur", () => (waitingFor = null));
  box.control_input.addEventListener(
    "keydown",
    (event) => {
      if ((event.key !== "Enter" && event.key !== "Tab") || isFresh()) return;
      if (event.key === "Enter") {
        event.preventDefault();
        waitingFor = typed();
      }
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
  return {
    answered(query) {
      shown = query;
      const asked = waitingFor === query;
      if (!asked && query === "") return;
      waitingFor = null;
      // Once the options are drawn, the first one is what Enter asked for, or will.
      queueMicrotask(() => {
        const first = Object.values(box.options).find((option) => !(option as unknown as Option).create && !box.items.includes((option as unknown as Option).value));
        if (!first) return;
        if (!asked) return box.setActiveOption(box.getOption((first as unknown as Option).value));
        box.addItem((first as unknown as Option).value);
        box.setTextboxValue("");
        box.close();
      });
    },
  };
}

/** Typing over a chosen record looks for another one; leaving without a choice keeps it. */
function replaceByTyping(box: TomSelect): void {
  const show = () => box.wrapper.classList.toggle("is-searching", box.inputValue() !== "" && box.items.length > 0);
  box.control_input.addEventListener("input", show);
  box.on("change", show);
  box.on("item_add", () => box.wrapper.classList.remove("is-searching"));
  box.on("blur", () => box.wrapper.classList.remove("is-searching"));
}

/** The cross on one of several chosen records. */
function remover(option: Option, box: () => TomSelect): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "lookup-remove";
  button.tabIndex = -1; // by keyboard, Backspace removes
  button.setAttribute("aria-label", said("Remove {name}", { name: option.text }));
  button.append(icon("x"));
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    box().removeItem(option.value);
    box().refreshOptions(false);
  });
  return button;
}

/** The prefix of an e-mail address of nobody known. */
const ADDRESS = "address";

function isAddress(text: string): boolean {
  return /^[^\s@:]+@[^\s@]+\.[^\s@.]+$/.test(text);
}

function addressOption(address: string): Option {
  return { value: `${ADDRESS}:${address}`, text: address, table: ADDRESS, secondary: said("E-mail address") };
}

/** An address typed to its end counts, also without Enter. */
function takeAddress(box: TomSelect): void {
  const typed = box.inputValue().trim();
  if (!isAddress(typed)) return;
  const option = addressOption(typed);
  box.addOption(option);
  box.addItem(option.value);
  box.setTextboxValue("");
}

/** Remove, and open the record's page. */
function addTools(select: HTMLSelectElement, box: TomSelect, label: string): void {
  const tools = document.createElement("div");
  tools.className = "lookup-tools";

  const original = box.getValue();
  if (select.dataset.href) {
    const link = document.createElement("a");
    link.href = select.dataset.href;
    link.title = said("Open record");
    link.setAttribute("aria-label", said("Open {name}", { name: label }));
    link.append(icon("external-link"));
    tools.append(link);
    box.on("change", (value: string) => (link.hidden = value !== original));
  }

  const clear = document.createElement("button");
  clear.type = "button";
  clear.title = said("Remove");
  clear.setAttribute("aria-label", said("Remove {name}", { name: label }));
  clear.append(icon("x"));
  clear.hidden = !original;
  clear.addEventListener("click", () => {
    box.clear();
    box.focus();
  });
  box.on("change", (value: string) => (clear.hidden = !value));
  tools.append(clear);
  box.wrapper.append(tools);
}

async function search(source: string, query: string): Promise<Match[]> {
  const address = new URL(source, location.href);
  address.searchParams.set("q", query);
  const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(`lookup answered ${response.status}`);
  return (await response.json()) as Match[];
}

function toOption(match: Match): Option {
  return { value: `${match.table}:${match.id}`, text: match.label, table: match.table, secondary: match.secondary ?? "" };
}

function creator(label: string, href: string): Option {
  return { value: `create:${label}`, text: label, table: "", secondary: "", create: href };
}

/** Old matches go when new ones come; the chosen record stays. */
function keepOnlyChosen(box: TomSelect): void {
  const chosen = new Set(box.items);
  for (const value of Object.keys(box.options)) if (!chosen.has(value)) box.removeOption(value, true);
}

function openQuickCreate(select: HTMLSelectElement, href: string, typed: string): void {
  const address = new URL(href, location.href);
  address.searchParams.set("name", typed);
  address.searchParams.set("for", select.id);
  // Over a dialog that stands there: it still wants the record that is made.
  const swap = select.closest("dialog") ? "beforeend" : "innerHTML";
  void htmx.ajax("get", address.pathname + address.search, { source: select, target: "#dialogs", swap });
}

function text(words: string): HTMLElement {
  const note = document.createElement("div");
  note.className = "lookup-note";
  note.textContent = words;
  return note;
}
