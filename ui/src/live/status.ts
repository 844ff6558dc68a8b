// What live pages say about themselves: politely to screen readers, and in a corner when the
// connection is lost.
import { all, icon } from "../dom";
import { reached } from "../reach";
import type { State } from "./protocol";
import { said } from "../words";

/** A short interruption is not worth a word. */
const PATIENCE = 3_000;

/** Read out is what comes into a region that has been there for a moment, in milliseconds. */
const SOON = 100;

let region: HTMLElement | undefined;
let line: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Made with the page: what is put into a region that is there already is read out. */
export function startStatus(): void {
  region = voice();
  line = document.createElement("div");
  line.className = "live-status";
  line.setAttribute("role", "status");
  document.body.append(region, line);
}

/** An open dialog gets a region of its own: what is outside of it is not read out meanwhile. */
export function speakIn(dialog: HTMLDialogElement): void {
  dialog.append(voice());
}

function voice(): HTMLElement {
  const region = document.createElement("div");
  region.className = "visually-hidden";
  region.dataset.voice = "";
  region.setAttribute("role", "status");
  return region;
}

/** Says something to who cannot see it appear; in a dialog that is just opening, once it is open. */
export function say(text: string): void {
  setTimeout(() => {
    const place = all(document, "dialog[open] > [data-voice]").pop() ?? region;
    if (place) place.textContent = text;
  }, SOON);
}

export function showState(state: State): void {
  clearTimeout(timer);
  if (state === "open") {
    line?.replaceChildren();
    return reached();
  }
  const words =
    state === "lost"
      ? said("No connection to the server. What you type is kept.")
      : said("You are signed out. What you typed is kept.");
  timer = setTimeout(() => show(state, words), PATIENCE);
}

function show(state: State, words: string): void {
  const text = document.createElement("span");
  text.textContent = words;
  line?.replaceChildren(icon(state === "lost" ? "refresh" : "lock"), text);
  if (state !== "signed out") return;
  const link = document.createElement("a");
  link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = said("Sign in");
  line?.append(link);
}
