// Whether the server can be reached, as requests find out. Who has said that it cannot takes that back here.

const waiting = new Set<() => void>();

export function startReach(): void {
  document.addEventListener("htmx:beforeOnLoad", reached);
  // A network is not the server yet: it is asked for something small.
  window.addEventListener("online", () => {
    const small = document.querySelector<HTMLLinkElement>("link[rel=stylesheet]")?.href;
    if (small && waiting.size > 0) fetch(small, { method: "HEAD", cache: "no-store" }).then(reached, () => undefined);
  });
}

/** Runs once something is heard of the server again. */
export function onceReached(act: () => void): void {
  waiting.add(act);
}

/** Something was heard of the server: an answer, of whatever kind, or news. */
export function reached(): void {
  const acts = [...waiting];
  waiting.clear();
  for (const act of acts) act();
}
