// What pages, the shared worker and the server say to each other about news.

/** What a page looks at. */
export interface Watch {
  /** Logical names of tables whose rows are listed. */
  tables: string[];
  /** Rows shown, as `TABLE:ID`. */
  rows: string[];
  /** Records whose timelines are shown. */
  about: string[];
  /** Up to where in the change feed the page knows everything. */
  since: string;
}

/** One thing that changed, as `/live` tells it. */
export interface Told {
  /** A row was made or changed; with `about`, a note, a post or an activity about that record. */
  row?: string;
  about?: string;
  created?: boolean;
  /** Id of the person. */
  by?: string;
  /** A row was deleted or may not be read any more. */
  gone?: string;
  /** Many rows of a table. */
  many?: string;
  /** So much was missed that everything is to be read anew. */
  everything?: boolean;
}

/** How it stands with the connection. */
export type State = "open" | "lost" | "signed out";

/** From a page. Without a word for a while it counts as closed. */
export type FromPage = { watch: Watch } | { leave: true } | { here: true };

/** To a page. */
export type ToPage = { news: Told[]; position: string } | { state: State };

/** How often a page says that it is still there, in milliseconds. */
export const HERE = 20_000;

/** Whether one place in the feed is behind another. */
export function isBehind(one: string, other: string): boolean {
  const [[transaction, sequence], [otherTransaction, otherSequence]] = [parts(one), parts(other)];
  return transaction === otherTransaction ? sequence < otherSequence : transaction < otherTransaction;
}

function parts(place: string): [number, number] {
  const [transaction, sequence] = place.split(".").map(Number);
  return [transaction ?? 0, sequence ?? 0];
}
