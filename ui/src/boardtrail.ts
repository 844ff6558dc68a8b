// The place on a board that one comes back to: how far it was scrolled, and each of its lanes.
import { bring } from "./depth";
import { all } from "./dom";

export interface LeftBoard {
  /** How far the board was scrolled to the right, and down where owners have rows. */
  x: number;
  y: number;
  /** How many owners had been brought. */
  rows: number;
  /** The lanes that were scrolled: how far, and how many cards they had. */
  lanes: Record<string, { y: number; cards: number }>;
}

export function placeOnBoard(board: HTMLElement): LeftBoard {
  const scroll = board.querySelector<HTMLElement>(".board-scroll");
  const scrolled = all(board, "[data-cards]").filter((list) => list.scrollTop > 0);
  return {
    x: scroll?.scrollLeft ?? 0,
    y: scroll?.scrollTop ?? 0,
    rows: loadedRows(board),
    lanes: Object.fromEntries(scrolled.map((list) => [keyOf(list), { y: list.scrollTop, cards: list.querySelectorAll("[data-card]").length }])),
  };
}

export async function returnToBoard(board: HTMLElement, left: LeftBoard, card: string): Promise<void> {
  const scroll = board.querySelector<HTMLElement>(".board-scroll");
  if (!scroll) return;
  let stays = await bring({
    within: board,
    // Lanes of an owner who was scrolled to, or further owners.
    more: () => scroll.querySelector(".board-lanes.is-waiting a, :scope > .board-more a"),
    suffices: () => left.y === 0 || loadedRows(board) >= left.rows,
    go: () => scroll.scrollTo(left.x, left.y),
  });
  const lanes = all(board, "[data-cards]").flatMap((list) => {
    const lane = left.lanes[keyOf(list)];
    return lane ? [{ list, ...lane }] : [];
  });
  for (const done of await Promise.all(lanes.map(returnToLane))) stays &&= done;
  if (!stays) return;
  const link = all<HTMLAnchorElement>(board, "[data-card-link]").find((link) => link.pathname === card);
  link?.focus({ preventScroll: true });
}

function returnToLane({ list, y, cards }: { list: HTMLElement; y: number; cards: number }): Promise<boolean> {
  return bring({
    within: list,
    more: () => list.querySelector(":scope > .board-more a"),
    suffices: () => list.scrollHeight - list.clientHeight >= y || list.querySelectorAll("[data-card]").length >= cards,
    go: () => list.scrollTo(0, y),
  });
}

function loadedRows(board: HTMLElement): number {
  return board.querySelectorAll("[data-board-row]:has([data-cards])").length;
}

function keyOf(list: HTMLElement): string {
  const row = list.closest<HTMLElement>("[data-board-row]")?.dataset.boardRow ?? "";
  return `${list.closest<HTMLElement>("[data-lane]")?.dataset.lane ?? ""}~${row}`;
}
