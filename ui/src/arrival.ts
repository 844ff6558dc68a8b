// A long list that is come to is drawn as far as the window shows it; the rows below follow once
// that much is on the screen. Fifty rows cost the browser three times what the first sixteen do.
import { all } from "./dom";

/** No row is lower than this, and none begins further up, in pixels. */
const LOWEST = { comfortable: 38, compact: 29 };
const TOP = 150;

let held: HTMLElement[] = [];

/** Keeps the rows below the window back, before a page is shown from its top. */
export function holdBack(page: HTMLElement): void {
  const lowest = document.documentElement.dataset.density === "compact" ? LOWEST.compact : LOWEST.comfortable;
  const shown = Math.ceil((window.innerHeight - TOP) / lowest);
  held = all(page, ".grid-results tbody tr:not([hidden])").slice(shown);
  for (const row of held) row.hidden = true;
  if (held.length > 0) afterDrawing(bringAll);
}

/** Runs once what stands on the page now is on the screen. */
export function afterDrawing(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run));
}

/** Shows what is held back, for whoever needs the whole page now. */
export function bringAll(): void {
  for (const row of held) row.hidden = false;
  held = [];
}
