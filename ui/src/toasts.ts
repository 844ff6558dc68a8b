// Messages about what was just done: they go by themselves, but not while somebody reads or
// reaches for them, and never when they tell of a failure.
import htmx from "htmx.org";
import { all, closest, icon } from "./dom";
import { onceReached } from "./reach";
import { said } from "./words";

const SHOWN_FOR = 7_000;
/** More would hide the page from somebody who works fast; the oldest go first. */
const MOST = 4;
const UNREACHABLE = "[data-unreachable]";
const PASSING = "[data-toast]:not([data-stays])";

export function startToasts(): void {
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-toast-close]")) closest(event, "[data-toast]")?.remove();
  });
  htmx.onLoad((root) => {
    const fresh = all(root as HTMLElement, PASSING);
    for (const toast of fresh) leaveLater(toast);
    if (fresh.length === 0) return;
    const earlier = all(document, PASSING).slice(0, -MOST);
    for (const toast of earlier) if (!toast.matches(":hover, :focus-within")) toast.remove();
  });
  document.addEventListener("htmx:sendError", showUnreachable);
  document.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    showFailure(explanation(status));
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

function explanation(status: number): string {
  if (status === 401) return said("You have been signed out. Sign in again in another tab, then repeat what you did here.");
  if (status === 403) return said("You may not do this. Ask an administrator if you need to.");
  if (status === 404) return said("This no longer exists. Somebody may have deleted it.");
  if (status === 409 || status === 412) return said("Somebody changed this in the meantime. Reload to see their changes.");
  if (status === 413) return said("This is larger than the server accepts.");
  return said("The server could not do this (error {status}). Try again, or tell an administrator.", { status });
}

/** Stays until the server is reached again, and gives way to a word that it is. */
export function showUnreachable(): void {
  for (const earlier of all(document, UNREACHABLE)) earlier.remove();
  const toast = add(said("The server cannot be reached. Nothing you typed is lost; try again in a moment."), "tone-red", "alert", "alert-circle");
  toast.dataset.unreachable = "";
  onceReached(tellReached);
}

function tellReached(): void {
  const stale = all(document, UNREACHABLE);
  if (stale.length === 0) return;
  for (const toast of stale) toast.remove();
  const toast = add(said("The server can be reached again."), "tone-green", "status", "circle-check");
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

export function showFailure(text: string): void {
  add(text, "tone-red", "alert", "alert-circle");
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
  return toast;
}
