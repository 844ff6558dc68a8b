// Lanes that are folded: at once, while the server keeps it. Owners that are loaded later have the same
// lanes folded.
import { all, closest } from "../dom";
import type { Board } from "./board";
import { said } from "../words";

export function startFolds(board: Board): void {
  board.element.addEventListener("submit", (event) => {
    const form = closest<HTMLFormElement>(event, "form.board-fold");
    const lane = form?.closest<HTMLElement>("[data-lane]");
    if (form && lane) fold(board, lane, !lane.classList.contains("is-folded"));
  });
  document.body.addEventListener("htmx:load", () => {
    for (const lane of all(board.element, ".board-lane.is-folded:not(.is-within)")) fold(board, lane, true);
  });
}

/** Folds a lane, and the same lane of every owner. */
export function fold(board: Board, lane: HTMLElement, folded: boolean): void {
  for (const same of all(board.element, `[data-lane="${CSS.escape(lane.dataset.lane ?? "")}"]`)) {
    same.classList.toggle("is-folded", folded);
    const button = same.querySelector<HTMLElement>("[data-fold]");
    button?.setAttribute("aria-expanded", String(!folded));
    if (button) button.title = folded ? said("Unfold") : said("Fold");
    const value = same.querySelector<HTMLInputElement>("form.board-fold input[name=folded]");
    // What is sent now is read before this; the next time it is the other way round.
    if (value) setTimeout(() => (value.value = String(!folded)));
  }
}
