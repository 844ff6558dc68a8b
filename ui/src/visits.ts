// Following a link exchanges what differs between two pages: styles, scripts, fonts and the way to
// the news stay, and the next page is drawn in about half the time. What cannot come that way is loaded as
// any browser does: another version of the product, a page without the frame or for somebody else, a
// file, another site, and any page while something here would be lost.
import Dropdown from "@tabler/core/js/src/bootstrap/dropdown";
import Offcanvas from "@tabler/core/js/src/bootstrap/offcanvas";
import Tab from "@tabler/core/js/src/bootstrap/tab";
import htmx from "htmx.org";
import type TomSelect from "tom-select/base";
import { holdBack } from "./arrival";
import { all, closest } from "./dom";
import { showUnreachable } from "./failures";
import { say } from "./live/status";
import { said } from "./words";

/** By a link, after something was sent, or along the browser's history. */
type Way = "on" | "sent" | "back";

/** What is nearly the same on every page. */
const FRAME = [".sidebar-nav", ".top-actions"];
/** What the elements around it say of a page. */
const SAID: [selector: string, attributes: string[]][] = [
  ["html", ["data-bs-theme", "data-density"]],
  ["body", ["data-locale", "data-shortcuts", "hx-headers"]],
  ["meta[name=csrf]", ["content"]],
  [".app-shell", ["class", "data-live"]],
  ["[data-palette] input", ["value"]],
];

const beginnings: (() => void)[] = [];
const ends: (() => void | Promise<void>)[] = [];
/** What stands beside the frame on every page, as it was at first; anything else there belongs to one page. */
let layers: Element[] = [];
let started = false;
let shown = new URL(location.href);
let underWay: AbortController | undefined;
const [first] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
let came: Way = first?.type === "back_forward" ? "back" : "on";

/** Runs now and for each page that is visited, before anything else looks at it. */
export function onPage(begin: () => void): void {
  beginnings.push(begin);
  begin();
}

/** Runs when a page is left in whatever way; a visit waits for what it promises. */
export function onLeave(end: () => void | Promise<void>): void {
  ends.push(end);
  window.addEventListener("pagehide", () => void end());
}

/** Where the page that is shown is at. On the way back the browser names the next one already. */
export function address(): URL {
  return shown;
}

/** Whether the page was come to by Back or Forward. */
export function cameBack(): boolean {
  return came === "back";
}

/** Gives the page that is shown another address, as the browser's history keeps it. */
export function readdress(href: string | URL): void {
  history.replaceState(history.state, "", href);
  shown = new URL(location.href);
}

/** Goes to a page of the product. */
export function visit(href: string, way: Way = "on"): void {
  const url = new URL(href, location.href);
  if (started && url.origin === location.origin && mayLeave()) void go(url, way);
  else location.assign(url);
}

/** The last to listen: whoever else takes a click as theirs has done so by then. */
export function startVisits(): void {
  if (!document.querySelector(".app-shell[data-live]")) return;
  started = true;
  layers = [...document.body.children];
  history.scrollRestoration = "manual";
  // What the browser itself brings back, it scrolls as well.
  window.addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
  window.addEventListener("pageshow", () => (history.scrollRestoration = "manual"));
  document.addEventListener("click", follow);
  window.addEventListener("popstate", goBack);
  document.addEventListener("htmx:beforeOnLoad", goOn);
  // How htmx ends what it promised of a request that is ended.
  window.addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault());
  for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) document.addEventListener(name, () => (shown = new URL(location.href)));
}

/** Whether a click leads to another page of the product in this tab. */
export function leads(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const url = new URL(link.href, location.href);
  const isElsewhere = url.pathname !== location.pathname || url.search !== location.search;
  return isPlain && url.origin === location.origin && (isElsewhere || url.hash === "") && !link.target && !link.hasAttribute("download");
}

function follow(event: MouseEvent): void {
  const link = closest<HTMLAnchorElement>(event, "a[href]");
  if (!link || event.defaultPrevented || !leads(event, link) || !mayLeave()) return;
  event.preventDefault();
  void go(new URL(link.href), "on");
}

/** What was sent from a dialog leads on to a page. */
function goOn(event: Event): void {
  const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; keepIndicators?: boolean }>;
  const to = detail.xhr.getResponseHeader("HX-Redirect");
  if (to === null) return;
  event.preventDefault();
  // The button that sent it is busy until the page is left.
  detail.keepIndicators = true;
  visit(to, "sent");
}

function goBack(event: PopStateEvent): void {
  // To another place of the same page.
  if (location.pathname === shown.pathname && location.search === shown.search) return;
  // htmx would load the document anew.
  event.stopImmediatePropagation();
  if (mayLeave() || window.confirm(said("Leave this page? What you typed here is not saved."))) void go(new URL(location.href), "back");
  else history.pushState(null, "", shown);
}

/** As the browser asks before it leaves a page; where somebody objects, it is left to ask. */
function mayLeave(): boolean {
  return window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
}

async function go(url: URL, way: Way): Promise<void> {
  underWay?.abort();
  const own = (underWay = new AbortController());
  document.documentElement.dataset.visiting = "";
  try {
    await Promise.all(ends.map((end) => end()));
    const response = await fetch(url, { credentials: "same-origin", priority: "high", headers: { Accept: "text/html" }, signal: own.signal });
    const isPage = response.headers.get("Content-Type")?.startsWith("text/html") && !response.headers.has("Content-Disposition");
    const page = isPage ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
    if (own.signal.aborted) return;
    const to = new URL(response.url);
    to.hash = url.hash;
    if (page && fits(page)) show(page, to, way);
    else load(isPage ? to : url, way);
  } catch {
    if (own.signal.aborted) return;
    // What was sent is done; only the browser's own page can be tried again.
    if (way !== "on") load(url, way);
    else showUnreachable();
  } finally {
    if (underWay === own) delete document.documentElement.dataset.visiting;
  }
}

function load(url: URL, way: Way): void {
  if (way !== "back") location.assign(url);
  else if (url.href === location.href) location.reload();
  else location.replace(url);
}

/** Whether a page belongs into the frame that is here. */
function fits(page: Document): boolean {
  const alike = (of: (page: Document) => string): boolean => of(page) === of(document);
  return (
    page.querySelector(".app-shell[data-live] > #main") !== null &&
    alike((page) => page.documentElement.lang) &&
    alike((page) => page.querySelector<HTMLElement>("[data-person]")?.dataset.person ?? "") &&
    alike((page) => all(page, "script[src], link[rel=stylesheet]").map((part) => part.getAttribute("src") ?? part.getAttribute("href")).join(" "))
  );
}

function show(page: Document, to: URL, way: Way): void {
  remember(to, way);
  // While nothing has changed yet: the browser lays a page out before it gives the focus to something.
  startAtTop();
  document.title = page.title;
  for (const [selector, names] of SAID) copyAttributes(page, selector, names);
  // Answers to the page that is left would be shown on this one.
  for (const asking of all(document, ".htmx-request")) htmx.trigger(asking, "htmx:abort");
  const drawer = document.getElementById("navigation");
  if (drawer) Offcanvas.getInstance(drawer)?.hide();
  const renewed = FRAME.flatMap((part) => renewPart(page, part));
  const [old, main] = [document.getElementById("main"), page.getElementById("main")];
  if (!old || !main) return;
  if (way !== "back") holdBack(main);
  old.replaceWith(main);
  for (const layer of ["dialogs", "toasts"]) document.getElementById(layer)?.replaceChildren(...(page.getElementById(layer)?.children ?? []));
  for (const other of [...document.body.children]) if (!isLayer(other)) other.remove();
  window.scrollTo({ top: way === "back" ? ((history.state as { scroll?: number } | null)?.scroll ?? 0) : 0, behavior: "instant" });
  for (const begin of beginnings) begin();
  for (const fresh of [main, ...renewed]) htmx.process(fresh);
  htmx.trigger(document.body, "htmx:load");
  document.querySelector<HTMLElement>("#main [autofocus]")?.focus();
  if (to.hash && way !== "back") document.getElementById(decodeURIComponent(to.hash.slice(1)))?.scrollIntoView();
  say(document.title);
  // Once the page is drawn.
  requestIdleCallback(() => putAway(old), { timeout: 2_000 });
}

/** An answer may have brought a layer anew, such as the one of messages. */
function isLayer(element: Element): boolean {
  return layers.some((layer) => layer === element || (layer.id !== "" && layer.id === element.id)) || element.matches(".offcanvas-backdrop");
}

function remember(to: URL, way: Way): void {
  came = way;
  if (way === "back" || to.href === location.href) {
    history.replaceState(history.state, "", to);
  } else {
    history.replaceState({ ...(history.state as object | null), scroll: window.scrollY }, "");
    history.pushState(null, "", to);
  }
  shown = to;
}

function copyAttributes(page: Document, selector: string, names: string[]): void {
  const [from, to] = [page.querySelector(selector), document.querySelector(selector)];
  if (to) for (const name of names) setAttribute(to, name, from?.getAttribute(name) ?? null);
}

/** Makes a part of the frame as the page has it; the elements of it that are new. */
function renewPart(page: Document, selector: string): Element[] {
  const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
  return old && fresh ? renew(old, fresh) : [];
}

/** Changes only what differs, so that the rest need not be drawn again. */
function renew(old: Element, fresh: Element): Element[] {
  if (old.isEqualNode(fresh)) return [];
  const differing = [...new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()])].filter((name) => old.getAttribute(name) !== fresh.getAttribute(name));
  const children = [...old.childNodes].map((child, place) => [child, fresh.childNodes[place]] as const);
  const isAlike = children.length === fresh.childNodes.length && children.every(([one, other]) => one.nodeName === other?.nodeName);
  // What htmx has read of an element it does not read again.
  if (old.localName !== fresh.localName || !isAlike || differing.some((name) => name.startsWith("hx-"))) {
    old.replaceWith(fresh);
    putAway(old);
    return [fresh];
  }
  for (const name of differing) setAttribute(old, name, fresh.getAttribute(name));
  return children.flatMap(([one, other]) => {
    if (one instanceof Element && other instanceof Element) return renew(one, other);
    if (other && one.nodeValue !== other.nodeValue) one.nodeValue = other.nodeValue;
    return [];
  });
}

function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Tab and screen readers go on from the top of the page. */
function startAtTop(): void {
  document.body.tabIndex = -1;
  document.body.focus({ preventScroll: true });
  document.body.removeAttribute("tabindex");
}

/** Lets go of everything that would keep elements that are gone. */
function putAway(part: Element): void {
  for (const select of all<HTMLSelectElement & { tomselect?: TomSelect }>(part, "select")) select.tomselect?.destroy();
  for (const toggle of all(part, "[data-bs-toggle]")) {
    Dropdown.getInstance(toggle)?.dispose();
    Tab.getInstance(toggle)?.dispose();
  }
  // For these htmx listens elsewhere.
  for (const listening of all(part, "[hx-trigger*='from:']")) htmx.swap(listening, "", { swapStyle: "delete", swapDelay: 0, settleDelay: 0 });
}
