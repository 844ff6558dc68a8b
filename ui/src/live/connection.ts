// A page's way to the news: by the worker it shares with other tabs, or by a stream of its own.
import { Hub } from "./hub";
import type { FromPage, ToPage } from "./protocol";

/** Connects; what is said to the returned function goes to the hub. */
export function connect(worker: string | undefined, hear: (message: ToPage) => void): (message: FromPage) => void {
  let own: ((message: FromPage) => void) | null = null;
  let last: FromPage | null = null;
  const alone = (): ((message: FromPage) => void) => (own ??= new Hub().join(hear));
  if (!worker || !("SharedWorker" in window)) return alone();

  const shared = new SharedWorker(worker, { name: "pipewright-live" });
  shared.port.addEventListener("message", ({ data }: MessageEvent<ToPage>) => hear(data));
  shared.port.start();
  // A browser that has workers but does not let this one start.
  shared.addEventListener("error", () => {
    const send = alone();
    if (last) send(last);
  });
  return (message) => {
    if (!("here" in message)) last = message;
    if (own) own(message);
    else shared.port.postMessage(message);
  };
}
