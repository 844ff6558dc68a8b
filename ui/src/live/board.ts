// Boards: what others do to cards is seen as it happens. The cards that changed are asked for, with
// their lanes and their places there, and the totals; nothing moves while a card is carried, and one
// that is being edited stays until that is over.
import htmx from "htmx.org";
import { all } from "../dom";
import { ask, oneAtATime, withParameters } from "./ask";
import type { Told } from "./protocol";
import { say } from "./status";
import { said } from "../words";

/** Cards asked for at once; of more the board is offered anew. */
const MOST = 60;
/** News that comes together is asked for together, in milliseconds. */
const TOGETHER = 250;
/** How long a hand that carries a card is waited for before looking again, in milliseconds. */
const PATIENCE = 400;
/** News of what was done here comes about when the answer to it does, in milliseconds. */
const ECHO = 3000;

/** What of a board is still to be looked at. */
interface Waiting {
  ids: Set<string>;
  timer?: ReturnType<typeof setTimeout>;
  catchUp: () => void;
}

const waiting = new WeakMap<HTMLElement, Waiting>();
let acted = -Infinity;

document.addEventListener("htmx:beforeRequest", (event) => {
  const { requestConfig, elt } = (event as CustomEvent<{ requestConfig: { verb: string }; elt: HTMLElement }>).detail;
  if (requestConfig.verb === "post" && elt.closest("[data-live-board], dialog")) acted = performance.now();
});
// A card whose field was open is looked at again when it is closed.
document.addEventListener("htmx:afterSettle", (event) => {
  const board = (event.target as HTMLElement).closest<HTMLElement>("[data-live-board]");
  if (board && (waiting.get(board)?.ids.size ?? 0) > 0) soon(board, TOGETHER);
});

/** The boards of the page. */
export function liveBoards(): HTMLElement[] {
  return all(document, "[data-live-board]");
}

export function tellBoards(news: Told[], me: string): void {
  for (const board of liveBoards()) {
    const table = board.dataset.liveBoard ?? "";
    const isOf = (name: string | undefined): boolean => (name ?? "").split(":")[0] === table;
    const isEcho = ({ by }: Told): boolean => by === me && performance.now() - acted < ECHO;
    const concerned = news.filter((told) => !told.about && (told.everything || isOf(told.row ?? told.gone ?? told.many)) && !isEcho(told));
    if (concerned.length === 0) continue;
    const wait = waitingOf(board);
    for (const { row, gone } of concerned) {
      const id = (row ?? gone)?.split(":")[1];
      if (id) wait.ids.add(id);
    }
    const isMuch = wait.ids.size > MOST || concerned.some(({ everything, many }) => everything === true || many !== undefined);
    if (isMuch || !addressOf(board)) offer(board);
    else soon(board, TOGETHER);
  }
}

function waitingOf(board: HTMLElement): Waiting {
  const known = waiting.get(board);
  if (known) return known;
  const made: Waiting = { ids: new Set(), catchUp: oneAtATime(() => catchUp(board)) };
  waiting.set(board, made);
  return made;
}

function soon(board: HTMLElement, after: number): void {
  const wait = waitingOf(board);
  clearTimeout(wait.timer);
  wait.timer = setTimeout(wait.catchUp, after);
}

function addressOf(board: HTMLElement): string | undefined {
  return board.querySelector<HTMLElement>("[data-board-changed]")?.dataset.boardChanged;
}

/** Whether a card is carried, or on its way. */
function isBusy(board: HTMLElement): boolean {
  return board.classList.contains("is-dragging") || board.querySelector(".is-lifted, .is-moving") !== null;
}

async function catchUp(board: HTMLElement): Promise<void> {
  const wait = waitingOf(board);
  const address = addressOf(board);
  if (wait.ids.size === 0 || !address || board.querySelector("[data-live-news]")) return;
  if (isBusy(board)) return soon(board, PATIENCE);
  const ids = [...wait.ids].filter((id) => !isEdited(cardOf(board, id)));
  if (ids.length === 0) return;
  const loaded = all(board, "[data-lane]").filter((lane) => lane.querySelector("[data-cards]"));
  const answer = await ask(
    withParameters(address, [...ids.map((id): [string, string] => ["id", id]), ...loaded.map((lane): [string, string] => ["loaded", depthOf(lane)])]),
  );
  // Without an answer the news after the next will bring it; somebody may have begun to carry a card.
  if (!answer || !board.isConnected) return;
  if (isBusy(board)) return soon(board, PATIENCE);
  for (const id of ids) wait.ids.delete(id);
  tell(ids.map((id) => apply(board, id, answer)).filter((words): words is string => words !== null));
  showTotals(answer);
}

/** How many cards of a lane are shown: `COUNT~LANE~OWNER`. */
function depthOf(lane: HTMLElement): string {
  const owner = lane.closest<HTMLElement>("[data-board-row]")?.dataset.boardRow ?? "";
  return `${lane.querySelectorAll("[data-card]").length}~${lane.dataset.lane ?? ""}~${owner}`;
}

function cardOf(board: HTMLElement, id: string): HTMLElement | null {
  return board.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
}

function isEdited(card: HTMLElement | null): boolean {
  return card?.querySelector("form") != null;
}

/** Puts one card where it belongs; what there is to say about it. */
function apply(board: HTMLElement, id: string, answer: Document): string | null {
  const old = cardOf(board, id);
  const told = answer.querySelector<HTMLElement>(`[data-changed="${CSS.escape(id)}"]`);
  const fresh = told?.querySelector<HTMLElement>("[data-card]");
  const name = (fresh ?? old)?.dataset.name ?? said("A card");
  const lane = told ? laneOf(board, told) : null;
  const list = lane?.querySelector<HTMLElement>("[data-cards]");
  if (!told || !fresh || !lane || !list) {
    if (!old) return null;
    leave(old);
    return said("{name} left the board.", { name });
  }
  const from = old?.closest<HTMLElement>("[data-lane]") ?? null;
  if (old && from === lane && content(old) === content(fresh)) return null;
  const focused = old?.contains(document.activeElement) ?? false;
  const card = document.importNode(fresh, true);
  card.classList.add("is-fresh");
  card.addEventListener("animationend", () => card.classList.remove("is-fresh"), { once: true });
  const next = (told.dataset.next ?? "").split(" ").map((other) => list.querySelector<HTMLElement>(`[data-card="${CSS.escape(other)}"]`));
  old?.remove();
  list.insertBefore(card, next.find((other) => other !== null) ?? list.querySelector(":scope > .board-more"));
  htmx.process(card);
  board.querySelector(".board-results > .empty-state")?.remove();
  if (focused) card.querySelector<HTMLElement>("[data-card-link]")?.focus({ preventScroll: true });
  const label = lane.dataset.label ?? "";
  if (!old) return said("{name} is new in {lane}.", { name, lane: label });
  return from === lane ? said("{name} was changed.", { name }) : said("{name} moved to {lane}.", { name, lane: label });
}

function laneOf(board: HTMLElement, told: HTMLElement): HTMLElement | null {
  const row = told.dataset.of ? `[data-board-row="${CSS.escape(told.dataset.of)}"] ` : "";
  return board.querySelector<HTMLElement>(`${row}[data-lane="${CSS.escape(told.dataset.into ?? "")}"]:has([data-cards])`);
}

function content(card: HTMLElement): string {
  return (card.textContent ?? "").replace(/\s+/g, " ");
}

/** A card that goes takes the focus to its neighbour. */
function leave(card: HTMLElement): void {
  const neighbour = card.nextElementSibling ?? card.previousElementSibling;
  const focused = card.contains(document.activeElement);
  card.remove();
  if (focused) neighbour?.querySelector<HTMLElement>("[data-card-link]")?.focus({ preventScroll: true });
}

function showTotals(answer: Document): void {
  for (const total of all(answer, ".board-total[id]")) {
    const copy = document.importNode(total, true);
    copy.removeAttribute("hx-swap-oob");
    document.getElementById(total.id)?.replaceWith(copy);
  }
  if (answer.querySelector("[data-count-again]")) htmx.trigger(document.body, "totals-changed", {});
}

function tell(words: string[]): void {
  if (words.length > 0) say(words.length > 2 ? said("{count} cards of this board have changed.", { count: words.length }) : words.join(" "));
}

/** So much has changed that the board is shown anew when somebody wants to see it. */
function offer(board: HTMLElement): void {
  if (board.querySelector("[data-live-news]")) return;
  const results = board.querySelector<HTMLElement>(".board-results");
  if (!results) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-primary grid-news";
  button.dataset.liveNews = "";
  button.textContent = said("{words} – show", { words: said("This board has changed") });
  button.addEventListener("click", () => {
    waitingOf(board).ids.clear();
    void htmx.ajax("get", location.href, { target: `#${results.id}`, swap: "outerHTML" });
  });
  results.prepend(button);
  say(said("This board has changed"));
}
