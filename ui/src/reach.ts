// Whether the server can be reached, as requests find out. Who has said that it cannot takes that back here.

const waiting = new Set<() => void>();

export function startReach(): void {
  document.addEventListener("htmx:beforeOnLoad", reached);
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
