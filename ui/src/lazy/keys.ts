// A board by keyboard: arrows go from card to card; Space picks one up, arrows carry it, Space puts
// it down, Escape leaves it where it was.
import { closest, isTyping } from "../dom";
import { cardsOf, labelOf, laneOf, linkOf, placeOf, type Board } from "./board";
import { chooseLane } from "./lanes";
import { said } from "../words";

interface Lifted {
  card: HTMLElement;
  back: () => void;
  from: HTMLElement | null;
}

export function startKeys(board: Board): void {
  let lifted: Lifted | null = null;

  const drop = (move: boolean) => {
    if (!lifted) return;
    const { card, back, from } = lifted;
    lifted = null;
    card.classList.remove("is-lifted");
    const to = laneOf(card);
    if (move && to && to !== from) return void board.move(card, to, back);
    back();
    linkOf(card)?.focus();
    board.say(said("{name} stays in {lane}.", { name: card.dataset.name ?? "", lane: labelOf(from) }));
  };

  board.element.addEventListener("keydown", (event) => {
    const card = closest(event, "[data-card]");
    if (!card || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const onCard = closest(event, "[data-card-link]") !== null;
    switch (event.key) {
      case " ":
        if (!onCard || !board.moves || card.dataset.fixed !== undefined) return;
        event.preventDefault();
        if (lifted) return drop(true);
        lifted = { card, back: placeOf(card), from: laneOf(card) };
        card.classList.add("is-lifted");
        return board.say(said("{name} picked up in {lane}. Left and right choose a lane, Space puts it down, Escape leaves it where it was.", { name: card.dataset.name ?? "", lane: labelOf(lifted.from) }));
      case "Escape":
        if (!lifted) return;
        event.preventDefault();
        return drop(false);
      case "ArrowLeft":
      case "ArrowRight": {
        event.preventDefault();
        const step = event.key === "ArrowRight" ? 1 : -1;
        return lifted ? carry(board, lifted.card, step) : walkAcross(board, card, step);
      }
      case "ArrowUp":
      case "ArrowDown":
        event.preventDefault();
        if (!lifted) walkAlong(card, event.key === "ArrowDown" ? 1 : -1);
        return;
      case "m":
      case "M":
        if (!board.moves || card.dataset.fixed !== undefined || lifted) return;
        event.preventDefault();
        return chooseLane(board, card);
    }
  });
  // Whoever goes on elsewhere has not put it down.
  board.element.addEventListener("focusout", (event) => {
    const next = (event as FocusEvent).relatedTarget;
    if (lifted && next instanceof Node && !lifted.card.contains(next)) drop(false);
  });
}

/** Carries a picked up card to the next lane that takes it. */
function carry(board: Board, card: HTMLElement, step: number): void {
  const lanes = board.lanes(card);
  let at = lanes.indexOf(laneOf(card) as HTMLElement) + step;
  while (lanes[at] && (lanes[at]?.dataset.accepts === undefined || lanes[at]?.classList.contains("is-folded"))) at += step;
  const lane = lanes[at];
  if (!lane) return board.say(said("There is no further lane."));
  cardsOf(lane)?.prepend(card);
  linkOf(card)?.focus();
  lane.scrollIntoView({ block: "nearest", inline: "nearest" });
  board.say(said("{lane}, lane {at} of {count}.", { lane: labelOf(lane), at: at + 1, count: lanes.length }));
}

function walkAcross(board: Board, card: HTMLElement, step: number): void {
  const lanes = board.lanes(card);
  const row = cardsIn(laneOf(card)).indexOf(card);
  for (let at = lanes.indexOf(laneOf(card) as HTMLElement) + step; lanes[at]; at += step) {
    const cards = cardsIn(lanes[at] ?? null);
    const next = cards[Math.min(row, cards.length - 1)];
    if (next) return reach(next);
  }
}

function walkAlong(card: HTMLElement, step: number): void {
  const cards = cardsIn(laneOf(card));
  const next = cards[cards.indexOf(card) + step];
  if (next) reach(next);
}

function cardsIn(lane: HTMLElement | null): HTMLElement[] {
  return lane ? [...lane.querySelectorAll<HTMLElement>("[data-card]")] : [];
}

function reach(card: HTMLElement): void {
  linkOf(card)?.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}
