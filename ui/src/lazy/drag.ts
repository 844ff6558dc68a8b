// Dragging cards by mouse and by touch (after a short press, so that a lane still scrolls).
import type Sortable from "sortablejs";
import type { SortableEvent } from "sortablejs";
import { all } from "../dom";
import { laneOf, type Board } from "./board";

export async function dragging(board: Board): Promise<void> {
  const { default: Sorter } = (await import(board.element.dataset.sortable ?? "")) as { default: typeof Sortable };
  const started = new WeakSet<HTMLElement>();
  const begin = () => {
    for (const list of all(board.element, "[data-cards]")) {
      if (started.has(list)) continue;
      started.add(list);
      Sorter.create(list, options(board));
    }
  };
  begin();
  document.body.addEventListener("htmx:load", begin);
}

function options(board: Board): Sortable.Options {
  let back = () => {};
  return {
    group: "board",
    sort: false,
    draggable: "[data-card]:not([data-fixed])",
    filter: "form, input, select, textarea",
    preventOnFilter: false,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 5,
    fallbackTolerance: 4,
    forceFallback: true,
    fallbackOnBody: true,
    ghostClass: "is-ghost",
    dragClass: "is-dragged",
    scrollSensitivity: 60,
    emptyInsertThreshold: 12,
    onStart: ({ item }: SortableEvent) => {
      back = homeOf(item);
      board.element.classList.add("is-dragging");
      const home = laneOf(item);
      for (const lane of all(board.element, "[data-lane]")) lane.classList.toggle("is-shut", lane !== home && lane.dataset.accepts === undefined);
    },
    onMove: ({ from, to }) => takes(from, to),
    onEnd: ({ item, from, to }: SortableEvent) => {
      board.element.classList.remove("is-dragging");
      for (const lane of all(board.element, ".is-shut")) lane.classList.remove("is-shut");
      const lane = laneOf(item);
      if (from !== to && lane) void board.move(item, lane, back);
    },
  };
}

/** Whether a lane takes cards of another: not where they would change their owner and may not. */
function takes(from: HTMLElement, to: HTMLElement): boolean {
  const [old, next] = [from, to].map((list) => list.closest<HTMLElement>("[data-board-row]"));
  return from === to || (to.closest("[data-accepts]") !== null && (old === next || next?.dataset.owner !== undefined));
}

/** Where a card lies now: told by the card behind it, since dragging moves its own place along. */
function homeOf(card: HTMLElement): () => void {
  const [list, next] = [card.parentElement, card.nextElementSibling];
  return () => list?.insertBefore(card, next?.parentElement === list ? next : null);
}
