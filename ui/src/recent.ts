// The records visited last. The browser keeps their numbers only: a write on the server with every
// page shown would cost more than the page, and names kept here would stay when a record is hidden
// or deleted. Whoever shows them asks the server for the names.
import { keep, recall } from "./person";
import { address, onPage } from "./visits";

const NAME = "recent";
const MOST = 12;

export function startRecent(): void {
  onPage(() => void requestIdleCallback(noteVisit, { timeout: 500 }));
}

function noteVisit(): void {
  const [, table, id] = /^\/([\w-]+)\/([0-9a-f-]{36})$/.exec(address().pathname) ?? [];
  // Not a page that tells of a record which is not there.
  if (!table || !id || !document.getElementById("record")) return;
  const visited = `${table}:${id}`;
  keep(localStorage, NAME, [visited, ...recent().filter((other) => other !== visited)].slice(0, MOST));
}

/** Records as `leads:ID`, the last one first. */
export function recent(): string[] {
  const kept = recall<unknown>(localStorage, NAME);
  return Array.isArray(kept) ? kept.filter((item): item is string => typeof item === "string") : [];
}

/** The same without the record that is open. */
export function recentElsewhere(): string[] {
  const here = address().pathname.slice(1).replace("/", ":");
  return recent().filter((item) => item !== here);
}
