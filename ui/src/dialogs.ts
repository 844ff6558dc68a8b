// Dialogs that the server renders into #dialogs. The browser's own <dialog> keeps the focus inside
// and closes on Escape; this opens it, guards what was typed, and gives the focus back.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { fillLookup, type CreatedRecord } from "./lookup";
import { isDirty, isRemembered, rememberValues } from "./form";
import { speakIn } from "./live/status";
import { said } from "./words";

let opener: HTMLElement | null = null;

export function startDialogs(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target, elt } = (event as CustomEvent<{ target: HTMLElement; elt: HTMLElement }>).detail;
    if (target.id === "dialogs") opener = returnPoint(elt);
  });
  htmx.onLoad((root) => {
    for (const dialog of all<HTMLDialogElement>(root as HTMLElement, "dialog[data-dialog]")) open(dialog);
  });
  document.addEventListener("click", (event) => {
    const dialog = closest<HTMLDialogElement>(event, "dialog[data-dialog]");
    const outside = event.target === dialog;
    if (dialog && (outside || closest(event, "[data-dialog-close]"))) closeIfClean(dialog);
  });
  document.addEventListener("htmx:beforeSwap", leaveWhenAnsweredWithPage);
  document.body.addEventListener("dialog-done", closeAll);
  document.body.addEventListener("record-created", (event) => {
    fillLookup((event as CustomEvent<CreatedRecord>).detail);
    all<HTMLDialogElement>(document, "dialog[data-dialog]").pop()?.close();
  });
}

function open(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  speakIn(dialog);
  dialog.showModal();
  // One in which something was typed earlier has its saved values from before.
  for (const form of all<HTMLFormElement>(dialog, "form")) if (!isRemembered(form)) rememberValues(form);
  firstField(dialog)?.focus();
  dialog.addEventListener("cancel", (event) => {
    // Escape in an open list of suggestions closes that list only.
    event.preventDefault();
    if (!dialog.querySelector(".ts-wrapper.dropdown-active")) closeIfClean(dialog);
  });
  const from = opener;
  dialog.addEventListener("close", () => {
    dialog.remove();
    from?.focus();
  });
}

function firstField(dialog: HTMLDialogElement): HTMLElement | null {
  return (
    dialog.querySelector<HTMLElement>("[data-error-summary]") ??
    dialog.querySelector<HTMLElement>("[autofocus]") ??
    dialog.querySelector<HTMLElement>(".dialog-body :is(input:not([type=hidden]), select, textarea)") ??
    dialog.querySelector<HTMLElement>(".dialog-foot [type=submit], .dialog-foot [data-dialog-close]")
  );
}

function closeIfClean(dialog: HTMLDialogElement): void {
  const dirty = all<HTMLFormElement>(dialog, "form").some(isDirty);
  if (dirty && !window.confirm(said("Close without saving what you typed?"))) return;
  dialog.close();
}

function closeAll(): void {
  for (const dialog of all<HTMLDialogElement>(document, "dialog[data-dialog]")) dialog.close();
}

/** A command inside a menu is hidden once the menu closes; the menu's button is not. */
function returnPoint(element: HTMLElement): HTMLElement {
  return element.closest(".dropdown")?.querySelector<HTMLElement>("[data-bs-toggle=dropdown]") ?? element;
}

/** An accepted post that redirects without HX-Redirect answers with a whole page: go there. */
function leaveWhenAnsweredWithPage(event: Event): void {
  const detail = (event as CustomEvent<{ target: HTMLElement; xhr: XMLHttpRequest; shouldSwap: boolean }>).detail;
  if (!detail.target.closest("#dialogs") || !/^\s*<!doctype/i.test(detail.xhr.responseText)) return;
  detail.shouldSwap = false;
  for (const form of all<HTMLFormElement>(document, "#dialogs form")) rememberValues(form);
  location.assign(detail.xhr.responseURL);
}
