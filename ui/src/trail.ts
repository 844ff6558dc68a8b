// The way back from a record to its list: to the view, filters and page it was left at, scrolled as
// it was, with the row one opened marked. Kept for this tab only.
import htmx from "htmx.org";
import { afterDrawing, bringAll } from "./arrival";
import { placeOnBoard, returnToBoard, type LeftBoard } from "./boardtrail";
import { bring } from "./depth";
import { all, closest } from "./dom";
import { keep, recall } from "./person";
import { address, cameBack, onLeave, onPage } from "./visits";
import { said } from "./words";

interface Left {
  /** Path and query. */
  href: string;
  /** Name of the view. */
  title: string;
  /** How far the list was scrolled, and the window. */
  list: number;
  window: number;
  /** Address of the row that was opened. */
  row: string;
  /** How many rows had been brought. */
  rows?: number;
  /** The place on a board. */
  board?: LeftBoard;
}

const LIST = "list ";
const RETURNING = "returning";
/** What opens a row or a card. */
const ROW = "[data-row-link], [data-card-link]";
/** What the page is about. */
let grid: HTMLElement | null = null;
let board: HTMLElement | null = null;
let opened = "";
let signingOut = false;

export function startTrail(): void {
  onPage(() => {
    opened = "";
    grid = document.querySelector<HTMLElement>("[data-grid]");
    board = document.querySelector<HTMLElement>("[data-board]");
    if (!isReturning()) return;
    if (grid) restore(grid);
    if (board) restoreBoard(board);
  });
  onLeave(() => {
    if (grid) leave(grid);
    if (board) leaveBoard(board);
  });
  document.addEventListener("click", (event) => {
    const link = closest<HTMLAnchorElement>(event, ROW) ?? closest(event, "[data-row]")?.querySelector<HTMLAnchorElement>(ROW);
    if (link) opened = link.pathname;
  });
  // Filters may hold names; they go with whoever typed them.
  document.addEventListener("submit", (event) => {
    if (!closest(event, "form[action='/sign-out']")) return;
    signingOut = true;
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(LIST)) sessionStorage.removeItem(key);
  });
  document.addEventListener("click", (event) => {
    const link = closest<HTMLAnchorElement>(event, ".record-trail a");
    if (link) keep(sessionStorage, RETURNING, link.pathname + link.search);
  });
  // Saving brings the record's page anew, trail and all.
  htmx.onLoad((root) => {
    for (const link of all<HTMLAnchorElement>(root as HTMLElement, ".record-trail a")) lead(link);
  });
}

function leave(grid: HTMLElement): void {
  if (signingOut) return;
  const left: Left = {
    href: address().pathname + address().search,
    title: grid.querySelector(".view-name")?.textContent?.trim() ?? "",
    list: grid.querySelector(".grid-scroll")?.scrollTop ?? 0,
    window: window.scrollY,
    row: opened,
    rows: all(grid, "[data-row]").length,
  };
  keep(sessionStorage, `${LIST}${address().pathname}`, left);
}

/** A board is another face of its list: whoever comes from it goes back to it. */
function leaveBoard(board: HTMLElement): void {
  if (signingOut) return;
  const left: Left = {
    href: address().pathname + address().search,
    title: said("{name} (board)", { name: board.querySelector(".view-name")?.textContent?.trim() ?? "" }),
    list: 0,
    window: window.scrollY,
    row: opened,
    board: placeOnBoard(board),
  };
  keep(sessionStorage, `${LIST}${address().pathname.replace(/\/board$/, "")}`, left);
}

function restoreBoard(board: HTMLElement): void {
  const left = recall<Left>(sessionStorage, `${LIST}${address().pathname.replace(/\/board$/, "")}`);
  if (left?.board && left.href === address().pathname + address().search) void returnToBoard(board, left.board, left.row);
}

/** Leads the trail of a record to its list as it was left. */
function lead(link: HTMLAnchorElement): void {
  const left = recall<Left>(sessionStorage, `${LIST}${link.pathname}`);
  if (!left || ![`${link.pathname}?`, `${link.pathname}/board`].some((begin) => left.href.startsWith(begin))) return;
  link.href = left.href;
  const words = link.querySelector("span");
  if (words && left.title) words.textContent = left.title;
}

function isReturning(): boolean {
  const here = address().pathname + address().search;
  const wanted = recall<string>(sessionStorage, RETURNING);
  keep(sessionStorage, RETURNING, null);
  return wanted === here || cameBack();
}

function restore(grid: HTMLElement): void {
  const left = recall<Left>(sessionStorage, `${LIST}${address().pathname}`);
  if (!left || left.href !== address().pathname + address().search) return;
  if (left.list > 0 || left.window > 0) {
    bringAll();
    void returnTo(grid, left);
  } else {
    mark(grid, left);
  }
}

/** A list that had grown by scrolling grows again as far as the row and the place. */
async function returnTo(grid: HTMLElement, left: Left): Promise<void> {
  const list = grid.querySelector<HTMLElement>(".grid-scroll");
  const page = document.documentElement;
  const stays = await bring({
    within: grid,
    more: () => grid.querySelector("#grid-more a"),
    suffices: () => {
      if (all(grid, "[data-row]").length >= (left.rows ?? 0)) return true;
      const isReached = (list ? reach(list) >= left.list : true) && reach(page) >= left.window;
      return isReached && (left.row === "" || linkOf(grid, left) !== undefined);
    },
    go: () => {
      list?.scrollTo(0, left.list);
      // The page glides by itself; one is to be there.
      window.scrollTo({ top: left.window, behavior: "instant" });
    },
  });
  if (stays) mark(grid, left);
}

/** How far something can be scrolled. */
function reach(element: HTMLElement): number {
  return element.scrollHeight - element.clientHeight;
}

function linkOf(grid: HTMLElement, left: Left): HTMLAnchorElement | undefined {
  return all<HTMLAnchorElement>(grid, "[data-row-link]").find((row) => row.pathname === left.row);
}

function mark(grid: HTMLElement, left: Left): void {
  const link = linkOf(grid, left);
  link?.closest("[data-row]")?.classList.add("is-current");
  // Once the list is drawn: the browser lays it out for this.
  afterDrawing(() => link?.focus({ preventScroll: true }));
}
