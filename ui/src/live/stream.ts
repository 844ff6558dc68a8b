// The stream of news from the server: opened, read, and opened again where it breaks off.
import type { State, Told } from "./protocol";

/** After this long without a sign of life the connection counts as dead; the server gives one every 15 seconds. */
const SILENCE = 40_000;
const FIRST_WAIT = 400;
const LONGEST_WAIT = 20_000;

/** Opens the stream at an address without its `since`; what it returns closes it. */
export function openStream(
  address: string,
  since: string,
  tell: (news: Told[], position: string) => void,
  show: (state: State) => void,
): () => void {
  let position = since;
  let wait = FIRST_WAIT;
  let wake = (): void => undefined;
  const closed = new AbortController();

  const alive = (): void => {
    wait = FIRST_WAIT;
    show("open");
  };
  const hear = (data: string, id: string): void => {
    position = id;
    tell(data ? (JSON.parse(data) as Told[]) : [], id);
  };
  const run = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      const state = await listen(`${address}&since=${position}`, closed.signal, alive, hear);
      if (closed.signal.aborted) return;
      if (state !== "open") show(state);
      await new Promise<void>((resolve) => {
        wake = resolve;
        // Apart from each other, so that a server that comes back is not overrun.
        setTimeout(resolve, wait * (0.5 + Math.random()));
      });
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  };
  const online = (): void => wake();
  self.addEventListener("online", online);
  void run();
  return () => {
    closed.abort();
    wake();
    self.removeEventListener("online", online);
  };
}

/** Reads one connection to its end; how it stands then. */
async function listen(address: string, closed: AbortSignal, alive: () => void, hear: (data: string, id: string) => void): Promise<State> {
  const dead = new AbortController();
  const end = (): void => dead.abort();
  closed.addEventListener("abort", end);
  self.addEventListener("offline", end);
  let silence = setTimeout(end, SILENCE);
  try {
    const response = await fetch(address, {
      headers: { Accept: "text/event-stream", "X-Unasked": "1" },
      redirect: "manual",
      cache: "no-store",
      credentials: "same-origin",
      signal: dead.signal,
    });
    if (response.type === "opaqueredirect" || response.status === 401) return "signed out";
    if (!response.ok || !response.body) return "lost";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parse = parser(hear);
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE);
      alive();
      parse(part.value);
    }
    return "open";
  } catch {
    return "lost";
  } finally {
    clearTimeout(silence);
    closed.removeEventListener("abort", end);
    self.removeEventListener("offline", end);
    dead.abort();
  }
}

/** Takes pieces of an event stream and hands on each event whole. */
function parser(hear: (data: string, id: string) => void): (piece: string) => void {
  let rest = "";
  let data: string[] = [];
  let id = "";
  return (piece) => {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, field, value = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === "data") data.push(value);
      else if (field === "id") id = value;
      else if (line === "" && id) {
        hear(data.join("\n"), id);
        data = [];
      }
    }
  };
}
