// Live pages: what others change appears without a reload. The server tells which rows changed;
// their parts of the page are then asked for as usual.
import htmx from "htmx.org";
import { all } from "../dom";
import { connect } from "./connection";
import { liveLists, rowsOf, tellLists } from "./list";
import { HERE, type FromPage, type ToPage, type Told, type Watch, isBehind } from "./protocol";
import { liveRecord, startRecord, tellRecord } from "./record";
import { showState, startStatus } from "./status";
import { liveBoards, tellBoards } from "./board";
import { entriesOf, liveTimelines, tellTimelines } from "./timeline";
import { onPage } from "../visits";

/** What parts of a page hear; asking for them anew because of it is no use of the session. */
const CHANGED = "live-changed";
/** A page that is hidden for this long listens no more, and catches up when it is shown again. */
const HIDDEN = 60_000;

export function startLive(): void {
  const shell = document.querySelector<HTMLElement>("[data-live]");
  if (!shell) return;
  startStatus();
  startRecord();
  const me = document.querySelector<HTMLElement>("[data-person]")?.dataset.person ?? "";
  let position = "";
  let watched = "";
  let hiding: ReturnType<typeof setTimeout> | undefined;

  const hear = (message: ToPage): void => {
    if ("state" in message) return showState(message.state);
    if (isBehind(position, message.position)) position = message.position;
    if (message.news.length > 0) tell(message.news, me);
  };
  const say: (message: FromPage) => void = connect(shell.dataset.liveWorker, hear);
  const watch = (): void => {
    const watch = watches(position);
    const now = JSON.stringify([watch.tables, watch.rows, watch.about]);
    if (now === watched || document.hidden) return;
    watched = now;
    const empty = watch.tables.length + watch.rows.length + watch.about.length === 0;
    say(empty ? { leave: true } : { watch });
  };
  const leave = (): void => {
    watched = "";
    say({ leave: true });
  };

  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, triggeringEvent } = (event as CustomEvent<{ headers: Record<string, string>; triggeringEvent?: Event }>).detail;
    if (triggeringEvent?.type === CHANGED) headers["X-Unasked"] = "1";
  });
  onPage(() => {
    // What the page before has heard by now, this one may not know yet.
    position = shell.dataset.live ?? "";
    watched = "";
    watch();
  });
  htmx.onLoad(() => watch());
  setInterval(() => {
    if (watched) say({ here: true });
  }, HERE);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(leave, HIDDEN);
    else watch();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", watch);
}

/** What the page shows now. */
function watches(since: string): Watch {
  const lists = liveLists();
  const rows = lists.flatMap((list) => [...rowsOf(list).keys()].map((id) => `${list.dataset.liveList ?? ""}:${id}`));
  const boards = liveBoards().map((board) => board.dataset.liveBoard ?? "");
  const timelines = liveTimelines();
  const entries = timelines.flatMap((timeline) => [...entriesOf(timeline)]);
  const record = liveRecord()?.dataset.liveRecord;
  const tables = all(document, "[data-live-refresh]").flatMap((part) => (part.dataset.liveRefresh ?? "").split(" "));
  return {
    tables: [...lists.map((list) => list.dataset.liveList ?? ""), ...boards, ...tables].filter(Boolean),
    rows: [...rows, ...entries, ...(record ? [record] : [])],
    about: timelines.map((timeline) => timeline.dataset.liveAbout ?? ""),
    since,
  };
}

function tell(news: Told[], me: string): void {
  tellLists(news, me);
  tellRecord(news);
  tellTimelines(news, me);
  tellBoards(news, me);
  // Any other part of a page: `data-live-refresh="TABLE …"` gets the event, for `hx-trigger` and scripts.
  for (const part of all(document, "[data-live-refresh]")) {
    const tables = (part.dataset.liveRefresh ?? "").split(" ");
    const concerns = ({ row, gone, many, everything }: Told): boolean =>
      everything === true || tables.includes((row ?? gone ?? many ?? "").split(":")[0] ?? "");
    if (news.some(concerns)) whenLeft(part, () => htmx.trigger(part, CHANGED));
  }
}

/** At once, or when the focus leaves the part, which would be lost with what it holds. It may also go
 *  with what is drawn anew there, and then it leaves without a word. */
function whenLeft(part: HTMLElement, act: () => void): void {
  if (!part.contains(document.activeElement)) return act();
  if (part.dataset.liveWaiting !== undefined) return;
  part.dataset.liveWaiting = "";
  const end = (): void => {
    part.removeEventListener("focusout", left);
    part.removeEventListener("htmx:afterSwap", lost);
    delete part.dataset.liveWaiting;
    act();
  };
  const left = (event: FocusEvent): void => {
    if (!part.contains(event.relatedTarget as Node | null)) end();
  };
  const lost = (): void => {
    if (!part.contains(document.activeElement)) end();
  };
  part.addEventListener("focusout", left);
  part.addEventListener("htmx:afterSwap", lost);
}
