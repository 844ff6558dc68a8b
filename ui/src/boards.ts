// Boards: their script is fetched where a page has one.
import htmx from "htmx.org";
import { all } from "./dom";
import type { Services } from "./lazy/board";
import { showFailure } from "./toasts";
import { said } from "./words";

const services: Services = { ask: (verb, path, context) => htmx.ajax(verb, path, context), process: (element) => htmx.process(element) };

export function startBoards(root: HTMLElement): void {
  for (const board of all(root, "[data-board][data-script]")) {
    const address = board.dataset.script ?? "";
    delete board.dataset.script;
    import(address).then(
      ({ start }) => start(board, services),
      () => showFailure(said("Dragging cards does not work now: a part of the page could not be loaded. Use the Move button of a card.")),
    );
  }
}
