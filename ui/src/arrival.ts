// A long list that is come to is drawn as far as the window shows it; the rows below follow once
// that much is on the screen. Fifty rows cost the browser three times what the first sixteen do.
import { all } from "./dom";

/** No row is lower than this, in pixels. */
const LOWEST = 32;

let held: HTMLElement[] = [];

/** Keeps the rows below the window back, before a page is shown from its top. */
export function holdBack(page: HTMLElement): void {
  const shown = Math.ceil(window.innerHeight / LOWEST);
  held = all(page, ".grid-results tbody tr:not([hidden])").slice(shown);
  for (const row of held) row.hidden = true;
  if (held.length > 0) requestAnimationFrame(() => setTimeout(bringAll));
}

/** Shows what is held back, for whoever needs the whole page now. */
export function bringAll(): void {
  for (const row of held) row.hidden = false;
  held = [];
}
