// One stream for all pages of a browser: a host allows six connections of a browser at a time, and
// each open tab would take one.
import { type FromPage, HERE, type State, type ToPage, type Told, type Watch, isBehind } from "./protocol";
import { openStream } from "./stream";

/** A page that was silent for this long is gone. */
const GONE = HERE * 4.5;
/** How long pages that come and go are waited for before the stream is opened anew. */
const TOGETHER = 30;
/** Rows that the server takes at most; of too many the last pages' count. */
const MOST_ROWS = 300;

/** A page that is open. */
interface Client {
  send: (message: ToPage) => void;
  watch: Watch | null;
  heard: number;
}

export class Hub {
  private readonly clients = new Set<Client>();
  private close: (() => void) | null = null;
  private watched = "";
  private position = "";
  private state: State = "open";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    setInterval(() => this.forgetSilent(), HERE);
  }

  /** Takes a page in; what it says is to be handed to what this returns. */
  join(send: (message: ToPage) => void): (message: FromPage) => void {
    const client: Client = { send, watch: null, heard: Date.now() };
    return (message) => {
      client.heard = Date.now();
      if ("watch" in message) {
        this.clients.add(client);
        client.watch = message.watch;
        send({ state: this.state });
      } else if ("leave" in message) {
        this.clients.delete(client);
      } else if (client.watch) {
        this.clients.add(client); // back from sleep
      }
      if (!("here" in message)) this.arrangeSoon();
    };
  }

  private arrangeSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.arrange(), TOGETHER);
  }

  /** Opens the stream anew where something else is watched, or something watched from further back. */
  private arrange(): void {
    const watches = [...this.clients].flatMap((client) => client.watch ?? []);
    if (watches.length === 0) {
      this.close?.();
      this.close = null;
      return;
    }
    const since = watches.map((watch) => watch.since).reduce((one, other) => (isBehind(other, one) ? other : one));
    const watched = address(watches);
    if (this.close && watched === this.watched && !isBehind(since, this.position)) return;
    this.close?.();
    [this.watched, this.position] = [watched, since];
    this.close = openStream(watched, since, (news, position) => this.tell(news, position), (state) => this.show(state));
  }

  private tell(news: Told[], position: string): void {
    this.position = position;
    for (const { watch, send } of this.clients) {
      if (!watch || !isBehind(watch.since, position)) continue;
      watch.since = position;
      send({ news: news.filter((told) => concerns(watch, told)), position });
    }
  }

  private show(state: State): void {
    if (state === this.state) return;
    this.state = state;
    for (const { send } of this.clients) send({ state });
  }

  private forgetSilent(): void {
    const before = this.clients.size;
    for (const client of this.clients) if (Date.now() - client.heard > GONE) this.clients.delete(client);
    if (this.clients.size < before) this.arrangeSoon();
  }
}

/** The address of a stream for all of these. */
function address(watches: Watch[]): string {
  const tables = unique(watches.flatMap((watch) => watch.tables)).sort();
  const rows = unique(watches.flatMap((watch) => watch.rows)).slice(-MOST_ROWS).sort();
  const about = unique(watches.flatMap((watch) => watch.about)).sort();
  const byTable = new Map<string, string[]>();
  for (const row of rows) {
    const [table = "", id = ""] = row.split(":");
    byTable.set(table, [...(byTable.get(table) ?? []), id.replaceAll("-", "")]);
  }
  const parts = [
    ...tables.map((table) => `watch=${table}`),
    ...[...byTable].map(([table, ids]) => `rows=${table}:${ids.join(",")}`),
    ...about.map((record) => `about=${record}`),
  ];
  return `/live?${parts.join("&")}`;
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}

function concerns(watch: Watch, told: Told): boolean {
  const table = (told.row ?? "").split(":")[0] ?? "";
  return (
    told.everything === true ||
    (told.many !== undefined && watch.tables.includes(told.many)) ||
    (told.gone !== undefined && watch.rows.includes(told.gone)) ||
    (told.about !== undefined && watch.about.includes(told.about)) ||
    (told.about === undefined && told.row !== undefined && (watch.rows.includes(told.row) || watch.tables.includes(table)))
  );
}
