// What live pages say about themselves: politely to screen readers, and in a corner when the
// connection is lost.
import { icon } from "../dom";
import type { State } from "./protocol";
import { said } from "../words";

/** A short interruption is not worth a word. */
const PATIENCE = 3_000;

let region: HTMLElement | undefined;
let line: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Made with the page: what is put into a region that is there already is read out. */
export function startStatus(): void {
  region = document.createElement("div");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  line = document.createElement("div");
  line.className = "live-status";
  line.setAttribute("role", "status");
  document.body.append(region, line);
}

/** Says something to who cannot see it appear. */
export function say(text: string): void {
  if (region) region.textContent = text;
}

export function showState(state: State): void {
  clearTimeout(timer);
  if (state === "open") return line?.replaceChildren();
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
