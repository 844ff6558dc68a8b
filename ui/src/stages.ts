// The stages of a process: each opens its panel under the bar, or beside the record where the person
// has pinned it there. The panel's fields and those of the form are the same, so they are kept alike.
import htmx from "htmx.org";
import type TomSelect from "tom-select/base";
import { all, closest } from "./dom";
import { isDirty, rememberValues } from "./form";
import { forgetStage, keepStage, keepStageSoon, putStageBack } from "./stagedrafts";
import { onLeave, onPage } from "./visits";
import { setCookie } from "./zone";
import { said } from "./words";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Lookup = HTMLSelectElement & { tomselect?: TomSelect };

/** The button whose panel is open, to give the focus back to. */
let opener: HTMLButtonElement | null = null;
let copying = false;

/** Room beside the record, as the style sheet has it. */
const WIDE = window.matchMedia("(min-width: 1100px)");

export function startStages(): void {
  onPage(() => {
    opener = null;
    // Without the room a stage opens under the bar as usual, once somebody asks for it.
    const pinned = slot();
    if (!pinned || WIDE.matches) return;
    showPinned(false);
    for (const name of ["hx-get", "hx-trigger"]) pinned.removeAttribute(name);
  });
  document.addEventListener("keydown", moveBetweenStages);
  document.addEventListener("keydown", (event) => {
    const panel = openPanel();
    if (event.key !== "Escape" || !panel || isPinned() || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], .dropdown-menu.show") || panel.querySelector(".ts-wrapper.dropdown-active")) return;
    closePanel();
  });
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-stage-close]")) closePanel();
    else if (closest(event, "[data-stage-pin]")) togglePin();
    else closeFromOutside(event);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const button = closest<HTMLButtonElement>(event, "button[data-stage]");
    if (!button) return;
    // A second click closes what the first one opened, but never what was typed unasked.
    const isOpen = button.getAttribute("aria-expanded") === "true";
    if ((isOpen && !isPinned()) || (openPanel() && !mayLeave())) {
      event.preventDefault();
      if (isOpen) closePanel();
      return;
    }
    opener = button;
  });
  htmx.onLoad((root) => {
    // Measured when all else on the page is done, so that it is laid out once.
    for (const row of all(root as HTMLElement, "[data-stages]")) requestAnimationFrame(() => showActive(row));
    for (const panel of all(root as HTMLElement, ".stage-panel")) present(panel);
  });
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, mirror);
    document.addEventListener(kind, keepTyped);
  }
  onLeave(() => {
    const form = stageForm();
    if (form) keepStage(form);
  });
  document.addEventListener("htmx:configRequest", sendAlong);
  document.addEventListener("htmx:afterRequest", settle);
}

function keepTyped(event: Event): void {
  const form = stageForm();
  if (form?.contains(event.target as Node)) keepStageSoon(form);
}

function openPanel(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#stage-slot .stage-panel");
}

function slot(): HTMLElement | null {
  return document.getElementById("stage-slot");
}

function isPinned(): boolean {
  return slot()?.classList.contains("is-pinned") ?? false;
}

function stageForm(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("#stage-slot form[data-stage-form]");
}

/** The form on the page that shows the same record as the panel. */
function sharedForm(): HTMLFormElement | null {
  const id = stageForm()?.dataset.shares;
  return id ? (document.getElementById(id) as HTMLFormElement | null) : null;
}

/** A panel has arrived. */
function present(panel: HTMLElement): void {
  const buttons = all<HTMLButtonElement>(document, "button[data-stage]");
  const own = buttons.find((button) => button.dataset.stage?.endsWith(`/${panel.dataset.stagePanel}`));
  for (const button of buttons) button.setAttribute("aria-expanded", String(button === own));
  showPin();
  if (own && !isPinned()) place(panel, own);
  // What is typed in the form already stands in the panel, too.
  const form = sharedForm();
  if (form && isDirty(form)) for (const control of controls(form)) copyTo(stageForm(), control);
  const stage = stageForm();
  if (stage) {
    rememberValues(stage);
    putStageBack(stage, form);
  }
  const refused = panel.querySelector<HTMLElement>("[data-error-summary]");
  if (opener || refused) (refused ?? panel.querySelector<HTMLElement>("#stage-title"))?.focus();
}

/** Under its stage, as far as there is room. */
function place(panel: HTMLElement, button: HTMLButtonElement): void {
  const bar = button.closest<HTMLElement>(".process-bar");
  if (!bar || window.matchMedia("(max-width: 767.98px)").matches) return;
  const [from, to] = [button.getBoundingClientRect(), bar.getBoundingClientRect()];
  const room = to.width - panel.offsetWidth - 16;
  panel.style.marginLeft = `${Math.max(16, Math.min(from.left - to.left, room))}px`;
}

/** On a phone the row of stages is longer than the page: it begins at the active one. */
function showActive(row: HTMLElement): void {
  const stage = row.querySelector<HTMLElement>("[aria-current=step]");
  if (stage) row.scrollLeft = stage.offsetLeft - row.offsetLeft - (row.clientWidth - stage.offsetWidth) / 2;
}

function mayLeave(): boolean {
  const form = stageForm();
  const shared = sharedForm();
  if (!form) return true;
  // What was typed here stands in the form as well, where it is kept.
  const keepsAll = !isDirty(form) || (shared !== null && hasAll(shared, form));
  const may = keepsAll || window.confirm(said("Close without saving what you typed?"));
  if (may) forgetStage(form);
  return may;
}

function hasAll(form: HTMLFormElement, panel: HTMLFormElement): boolean {
  return controls(panel).every((control) => counterpart(form, control) !== null);
}

function closePanel(): void {
  if (!openPanel() || !mayLeave()) return;
  const button = opener ?? document.querySelector<HTMLButtonElement>("button[data-stage][aria-expanded=true]");
  slot()?.replaceChildren();
  for (const stage of all(document, "button[data-stage]")) stage.setAttribute("aria-expanded", "false");
  if (isPinned()) pin(false);
  button?.focus();
  opener = null;
}

function closeFromOutside(event: MouseEvent): void {
  const panel = openPanel();
  if (!panel || isPinned() || !(event.target as Element).isConnected) return;
  const inside = closest(event, "#stage-slot, button[data-stage], dialog, #dialogs, [data-toast], .dropdown-menu");
  const form = stageForm();
  if (inside || (form && isDirty(form))) return;
  slot()?.replaceChildren();
  for (const stage of all(document, "button[data-stage]")) stage.setAttribute("aria-expanded", "false");
  opener = null;
}

// Pinned beside the record; the server reads the cookie, so that the next page leaves the room for it.

function togglePin(): void {
  pin(!isPinned());
  const panel = openPanel();
  const button = document.querySelector<HTMLButtonElement>("button[data-stage][aria-expanded=true]");
  if (panel) panel.style.marginLeft = "";
  if (panel && button && !isPinned()) place(panel, button);
}

function pin(pinned: boolean): void {
  showPinned(pinned);
  setCookie("stage", pinned ? "pinned" : "");
  showPin();
}

function showPinned(pinned: boolean): void {
  slot()?.classList.toggle("is-pinned", pinned);
  // A class and not `:has`: that would have the whole record styled anew with everything that comes into it.
  slot()?.closest(".record-page")?.classList.toggle("has-pinned-stage", pinned);
}

function showPin(): void {
  const button = document.querySelector<HTMLElement>("[data-stage-pin]");
  button?.setAttribute("aria-pressed", String(isPinned()));
}

// Keyboard: the arrows go from stage to stage, as they do in a row of tabs.

function moveBetweenStages(event: KeyboardEvent): void {
  const button = closest<HTMLButtonElement>(event, "button[data-stage]");
  if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
  const buttons = all<HTMLButtonElement>(document, "button[data-stage]");
  const at = buttons.indexOf(button);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = buttons[Math.max(0, Math.min(to, buttons.length - 1))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// The same fields twice.

function controls(form: HTMLFormElement): Control[] {
  const kinds = "input:not([type=hidden]):not([type=file]), select, textarea";
  return [...form.elements].filter((element): element is Control => element.matches(kinds) && (element as Control).name !== "");
}

function counterpart(form: HTMLFormElement, control: Control): Control | null {
  const same = (other: Control) => other.name === control.name && other.type === control.type && (other.type !== "checkbox" || other.value === control.value);
  return controls(form).find(same) ?? null;
}

function mirror(event: Event): void {
  const stage = stageForm();
  const shared = sharedForm();
  const control = event.target as Control;
  if (copying || !stage || !shared || !control.form) return;
  if (control.form === stage) copyTo(shared, control);
  else if (control.form === shared) copyTo(stage, control);
}

function copyTo(form: HTMLFormElement | null, control: Control): void {
  const other = form && counterpart(form, control);
  if (!other || alike(other, control)) return;
  copying = true;
  if (control instanceof HTMLInputElement && other instanceof HTMLInputElement && control.type === "checkbox") other.checked = control.checked;
  else if ((other as Lookup).tomselect) copyLookup(control as Lookup, other as Lookup);
  else other.value = control.value;
  other.dispatchEvent(new Event("input", { bubbles: true }));
  other.dispatchEvent(new Event("change", { bubbles: true }));
  copying = false;
}

function alike(one: Control, other: Control): boolean {
  if (one instanceof HTMLInputElement && other instanceof HTMLInputElement && one.type === "checkbox") return one.checked === other.checked;
  return one.value === other.value;
}

function copyLookup(from: Lookup, to: Lookup): void {
  const option = from.tomselect?.options[from.value] as { value: string } | undefined;
  if (option) to.tomselect?.addOption({ ...option });
  to.tomselect?.setValue(from.value, true);
}

/** What was typed into the record's form is saved with the stage, so that none of it is lost. */
function sendAlong(event: Event): void {
  const { elt, formData } = (event as CustomEvent<{ elt: HTMLElement; formData: FormData }>).detail;
  if (elt !== stageForm()) return;
  const shared = sharedForm();
  if (!shared || !isDirty(shared)) return;
  // What is older of both says since when others may have changed something.
  const versions = [formData.get("version"), new FormData(shared).get("version")].map(Number).filter((version) => version > 0);
  if (versions.length > 0) formData.set("version", String(Math.min(...versions)));
  for (const name of new Set([...new FormData(shared).keys()])) {
    if (name === "csrf" || formData.has(name)) continue;
    for (const value of new FormData(shared).getAll(name)) if (typeof value === "string") formData.append(name, value);
  }
}

/** Once all of it is saved, leaving the page loses nothing. */
function settle(event: Event): void {
  const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
  const stage = stageForm();
  if (!stage || elt !== stage || !xhr.getResponseHeader("HX-Redirect")) return;
  for (const form of [stage, sharedForm()]) if (form) rememberValues(form);
  forgetStage(stage);
}
