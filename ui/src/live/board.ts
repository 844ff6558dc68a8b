// Boards: that others have moved or changed cards is told over the lanes; nothing moves under
// anybody's hand.
import htmx from "htmx.org";
import { all } from "../dom";
import type { Told } from "./protocol";
import { say } from "./status";

const WORDS = "This board has changed";

/** The boards of the page. */
export function liveBoards(): HTMLElement[] {
  return all(document, "[data-live-board]");
}

export function tellBoards(news: Told[], me: string): void {
  for (const board of liveBoards()) {
    const table = board.dataset.liveBoard ?? "";
    const concerns = ({ row, gone, many, everything, about, by }: Told): boolean =>
      everything === true || (by !== me && !about && (row ?? gone ?? many ?? "").split(":")[0] === table);
    if (news.some(concerns)) announce(board);
  }
}

function announce(board: HTMLElement): void {
  if (board.querySelector("[data-live-news]")) return;
  const results = board.querySelector<HTMLElement>(".board-results");
  if (!results) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-primary grid-news";
  button.dataset.liveNews = "";
  button.textContent = `${WORDS} – show`;
  button.addEventListener("click", () => {
    void htmx.ajax("get", location.href, { target: `#${results.id}`, swap: "outerHTML" });
  });
  results.prepend(button);
  say(WORDS);
}
