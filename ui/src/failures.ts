// Messages that something failed, of the page itself and of the server. The same one is shown once,
// and each goes when what failed is done after all, or by its button.
import htmx from "htmx.org";
import { all } from "./dom";
import { onceReached } from "./reach";
import { addFailure, showDone } from "./toasts";
import { said } from "./words";

interface Exchange {
  requestConfig: { verb: string; path: string; parameters: Record<string, unknown> };
  xhr: XMLHttpRequest;
}

const FAILURE = "[data-toast][role=alert]";
const UNREACHABLE = "unreachable";
/** What each message tells the failure of. */
const deeds = new WeakMap<Element, string>();
/** What the answer that is being put into the page is to. */
let answered: string | undefined;

export function startFailures(): void {
  document.addEventListener("htmx:beforeSwap", (event) => (answered = deed(event)));
  htmx.onLoad((root) => {
    for (const failure of all(root as HTMLElement, FAILURE)) take(failure, answered);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    answered = undefined;
    const { status } = (event as CustomEvent<Exchange>).detail.xhr;
    if (status > 0 && status < 400) over(deed(event));
  });
  document.addEventListener("htmx:sendError", showUnreachable);
  document.addEventListener("htmx:responseError", (event) => {
    showFailure(explanation((event as CustomEvent<Exchange>).detail.xhr.status), deed(event));
  });
}

/** Tells of a failure; `of` what, by a name under which it is told to be `over`. */
export function showFailure(text: string, of?: string): void {
  take(addFailure(text), of);
}

export function showUnreachable(): void {
  showFailure(said("The server cannot be reached. Nothing you typed is lost; try again in a moment."), UNREACHABLE);
  onceReached(tellReached);
}

function tellReached(): void {
  if (over(UNREACHABLE)) showDone(said("The server can be reached again."));
}

/** What failed is done after all; whether a message told of it. */
export function over(of: string): boolean {
  const told = all(document, FAILURE).filter((failure) => deeds.get(failure) === of);
  for (const failure of told) failure.remove();
  return told.length > 0;
}

/** Notes what a message is about; it takes the place of one that says the same. */
function take(failure: HTMLElement, of: string | undefined): void {
  if (of) deeds.set(failure, of);
  for (const other of all(document, FAILURE)) if (other !== failure && words(other) === words(failure)) other.remove();
}

function words(failure: HTMLElement): string {
  return failure.querySelector("p")?.textContent?.trim() ?? "";
}

/** What was asked for: the same place again, about the same row. */
function deed(event: Event): string {
  const { verb, path, parameters } = (event as CustomEvent<Exchange>).detail.requestConfig;
  return `${verb} ${path.replace(/\?.*$/, "")} ${String(parameters.id ?? "")}`;
}

function explanation(status: number): string {
  if (status === 401) return said("You have been signed out. Sign in again in another tab, then repeat what you did here.");
  if (status === 403) return said("You may not do this. Ask an administrator if you need to.");
  if (status === 404) return said("This no longer exists. Somebody may have deleted it.");
  if (status === 409 || status === 412) return said("Somebody changed this in the meantime. Reload to see their changes.");
  if (status === 413) return said("This is larger than the server accepts.");
  return said("The server could not do this (error {status}). Try again, or tell an administrator.", { status });
}
