// A board: cards are dragged by mouse and touch, picked up and carried by keyboard, or sent to a lane
// from a list of lanes. Whatever the way, the server decides: a card shown in its new lane goes back
// with the reason where the move is refused.
import { dragging } from "./drag";
import { startFolds } from "./folds";
import { startKeys } from "./keys";
import { chooseLane } from "./lanes";
import { closest } from "../dom";
import { said } from "../words";

/** What the board needs of the page's one htmx. */
export interface Services {
  ask(verb: "get" | "post", path: string, context: { source?: HTMLElement; target?: HTMLElement | string; swap?: string; values?: Record<string, string> }): Promise<void>;
  process(element: HTMLElement): void;
}

export class Board {
  constructor(
    readonly element: HTMLElement,
    readonly services: Services,
  ) {}

  get moves(): string | undefined {
    return this.element.dataset.moves;
  }

  /** Says something to whoever cannot see it. */
  say(words: string): void {
    const news = document.getElementById("board-news");
    if (news) news.textContent = words;
  }

  /** The lanes beside that of a card, those of the same owner where owners have rows. */
  lanes(card: HTMLElement): HTMLElement[] {
    const row = laneOf(card)?.parentElement;
    return row ? [...row.querySelectorAll<HTMLElement>(":scope > [data-lane]")] : [];
  }

  /** Puts a card into a lane and asks the server; back where it was, where the server says no. */
  async move(card: HTMLElement, to: HTMLElement, back: () => void): Promise<void> {
    const name = card.dataset.name ?? said("The card");
    const home = () => {
      back();
      this.say(said("{name} stays in {lane}.", { name, lane: labelOf(laneOf(card)) }));
    };
    const opens = to.dataset.opens;
    if (opens && !card.classList.contains("is-muted")) {
      // How it ended is asked first; the card moves when that is answered.
      home();
      await this.services.ask("get", opens.replace("{id}", card.dataset.card ?? ""), { source: linkOf(card), target: "#dialogs", swap: "innerHTML" });
      return;
    }
    const values: Record<string, string> = { id: card.dataset.card ?? "", to: to.dataset.lane ?? "" };
    const owner = to.closest<HTMLElement>("[data-owner]")?.dataset.owner;
    if (owner) values.owner = owner;
    const focused = card.contains(document.activeElement);
    card.classList.add("is-moving");
    const accepted = await this.post(values);
    if (!accepted) {
      card.classList.remove("is-moving");
      home();
      if (focused && !document.querySelector("dialog[open]")) linkOf(card)?.focus();
      return;
    }
    this.say(said("{name} moved to {lane}.", { name, lane: labelOf(to) }));
    // The card was made anew by the answer.
    const anew = document.getElementById(card.id);
    if (focused && anew) linkOf(anew)?.focus();
  }

  /** Posts a move; whether it was carried out. */
  private async post(values: Record<string, string>): Promise<boolean> {
    let status = 0;
    const noted = (event: Event) => {
      if (event.target !== this.element) return; // another part of the board asked for something
      status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    };
    this.element.addEventListener("htmx:afterRequest", noted);
    try {
      await this.services.ask("post", this.moves ?? "", { source: this.element, target: this.element, swap: "none", values });
    } catch {
      status = 0;
    } finally {
      this.element.removeEventListener("htmx:afterRequest", noted);
    }
    return status === 200;
  }
}

export function laneOf(card: HTMLElement): HTMLElement | null {
  return card.closest<HTMLElement>("[data-lane]");
}

export function labelOf(lane: HTMLElement | null): string {
  return lane?.dataset.label ?? said("its lane");
}

export function linkOf(card: HTMLElement): HTMLElement | undefined {
  return card.querySelector<HTMLElement>("[data-card-link]") ?? undefined;
}

export function cardsOf(lane: HTMLElement): HTMLElement | null {
  return lane.querySelector<HTMLElement>("[data-cards]");
}

/** Remembers where a card is, so that it can go back. */
export function placeOf(card: HTMLElement): () => void {
  const [list, next] = [card.parentElement, card.nextElementSibling];
  return () => list?.insertBefore(card, next?.parentElement === list ? next : null);
}

export function start(element: HTMLElement, services: Services): void {
  const board = new Board(element, services);
  startKeys(board);
  startFields(board);
  startFolds(board);
  if (!board.moves) return;
  element.addEventListener("click", (event) => {
    const button = closest(event, "[data-card-move]");
    const card = button?.closest<HTMLElement>("[data-card]");
    if (!button || !card || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    chooseLane(board, card);
  });
  void dragging(board);
}

/** The field that was open, or was changed, is where one goes on. */
function startFields(board: Board): void {
  let column: string | undefined;
  board.element.addEventListener("htmx:beforeRequest", (event) => {
    const card = closest(event, "[data-card]");
    const edited = card?.querySelector<HTMLInputElement>("form input[name=column]")?.value;
    column = edited ?? closest(event, "[data-field]")?.dataset.field;
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const card = closest(event, "[data-card]");
    if (!card || !column || !board.element.contains(card)) return;
    const open = card.querySelector<HTMLElement>("form :is(input:not([type=hidden]), select, textarea)");
    (open ?? card.querySelector<HTMLElement>(`[data-field="${CSS.escape(column)}"]`))?.focus();
    if (!open) column = undefined;
  });
  board.element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    closest(event, "[data-card] form")?.querySelector<HTMLElement>("[data-card-cancel]")?.click();
  });
}
