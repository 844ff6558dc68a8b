// Messages about what was just done: they go by themselves, but not while somebody reads or
// reaches for them, and never when they tell of a failure (failures.ts).
import htmx from "htmx.org";
import { all, closest, icon } from "./dom";
import { said } from "./words";

const SHOWN_FOR = 7_000;
/** More would hide the page from somebody who works fast; the oldest go first. */
const MOST = 4;
const PASSING = "[data-toast]:not([data-stays])";
/** What stays and is no failure waits for an answer. */
const DISPENSABLE = `${PASSING}, [data-toast][role=alert]`;

export function startToasts(): void {
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-toast-close]")) closest(event, "[data-toast]")?.remove();
  });
  htmx.onLoad((root) => {
    const fresh = all(root as HTMLElement, "[data-toast]");
    for (const toast of fresh) if (toast.matches(PASSING)) leaveLater(toast);
    if (fresh.length > 0) makeRoom();
  });
}

function leaveLater(toast: HTMLElement): void {
  let timer = setTimeout(() => toast.remove(), SHOWN_FOR);
  const stay = () => clearTimeout(timer);
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), SHOWN_FOR / 2);
  };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", leave);
  toast.addEventListener("focusout", leave);
}

function makeRoom(): void {
  const spare = Math.max(0, all(document, "[data-toast]").length - MOST);
  for (const toast of all(document, DISPENSABLE).slice(0, spare)) if (!toast.matches(":hover, :focus-within")) toast.remove();
}

/** A message that something is well. */
export function showDone(text: string): void {
  const toast = add(text, "tone-green", "status", "circle-check");
  delete toast.dataset.stays;
  leaveLater(toast);
}

/** A message with one thing to do about it; it stays until it is dismissed. */
export function showNote(text: string, label: string, act: () => void): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = label;
  button.addEventListener("click", act);
  add(text, "tone-grey", "status", "info-circle", button);
}

/** A message that something failed. */
export function addFailure(text: string): HTMLElement {
  return add(text, "tone-red", "alert", "alert-circle");
}

function add(text: string, tone: string, role: string, symbol: string, ...more: HTMLElement[]): HTMLElement {
  const toast = document.createElement("div");
  toast.className = `toast-message ${tone}`;
  toast.setAttribute("role", role);
  toast.dataset.toast = "";
  toast.dataset.stays = "";
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", said("Dismiss message"));
  close.append(icon("x"));
  toast.append(icon(symbol), words, ...more, close);
  document.getElementById("toasts")?.append(toast);
  makeRoom();
  return toast;
}
