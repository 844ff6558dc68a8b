// Boards: their script is fetched where a page has one.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import type { Services } from "./lazy/board";
import { showFailure } from "./failures";
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

/** A value of a card is changed in a field in its place, also before the board's own script is there. */
export function startCards(): void {
  document.addEventListener("click", (event) => {
    const value = closest(event, "[data-board] button[data-field]");
    const card = value?.closest<HTMLElement>("[data-card]");
    const address = card && value && fieldAt(card, value);
    // Where it fails, the toast says so.
    if (address) htmx.ajax("get", address, { source: value, target: card, swap: "outerHTML" }).catch(() => {});
  });
}

/** Address of a card with one of its values in a field. */
function fieldAt(card: HTMLElement, value: HTMLElement): string | undefined {
  const cards = card.closest("[data-board]")?.querySelector<HTMLElement>("[data-board-changed]")?.dataset.boardChanged;
  if (!cards) return undefined;
  const address = new URL(cards, location.href);
  address.pathname += `/${card.dataset.card ?? ""}`;
  address.searchParams.set("edit", value.dataset.field ?? "");
  return address.pathname + address.search;
}
