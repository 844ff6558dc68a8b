// The shared worker: all tabs of a browser speak to one of it.
import { Hub } from "./hub";
import type { FromPage } from "./protocol";

const hub = new Hub();

self.addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  const hear = hub.join((message) => port.postMessage(message));
  port.addEventListener("message", ({ data }: MessageEvent<FromPage>) => hear(data));
  port.start();
});
