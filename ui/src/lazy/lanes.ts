// The list of lanes that a card can be moved to: for whoever does not drag.
import { icon } from "../dom";
import { fold } from "./folds";
import { cardsOf, labelOf, laneOf, linkOf, placeOf, type Board } from "./board";
import { said } from "../words";

export function chooseLane(board: Board, card: HTMLElement): void {
  const here = laneOf(card);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog board-dialog";
  dialog.setAttribute("aria-labelledby", "board-dialog-title");

  const head = document.createElement("header");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.id = "board-dialog-title";
  title.textContent = said("Move “{name}” to", { name: card.dataset.name ?? "" });
  const close = document.createElement("button");
  close.type = "button";
  close.className = "dialog-close";
  close.setAttribute("aria-label", said("Close dialog"));
  close.append(icon("x"));
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);

  const list = document.createElement("div");
  list.className = "board-targets";
  for (const lane of board.lanes(card)) {
    if (lane !== here && lane.dataset.accepts === undefined) continue;
    const target = document.createElement("button");
    target.type = "button";
    target.className = "btn";
    target.textContent = lane === here ? said("{lane} (here)", { lane: labelOf(lane) }) : labelOf(lane);
    target.disabled = lane === here;
    target.addEventListener("click", () => {
      dialog.close();
      fold(board, lane, false);
      const back = placeOf(card);
      cardsOf(lane)?.prepend(card);
      linkOf(card)?.focus();
      void board.move(card, lane, back);
    });
    list.append(target);
  }
  const frame = document.createElement("div");
  frame.className = "dialog-frame";
  frame.append(head, list);
  dialog.append(frame);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) linkOf(card)?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  list.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
}
