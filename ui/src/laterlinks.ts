// Links in cells that can be changed which leave the list: to write, to dial, to a web site. A double click
// opens the cell; so a click follows such a link only once it is plain that no second one comes.
import { closest } from "./dom";

const LINKS = "a[href^='mailto:'], a[href^='tel:'], a[target=_blank]";
export const FOLLOWED_LATER = `td[data-edit] :is(${LINKS})`;
/** How long a second click may take, in milliseconds. */
const PATIENCE = 300;

let waiting: ReturnType<typeof setTimeout> | undefined;

export function followUnlessDoubled(event: MouseEvent): void {
  const link = closest<HTMLAnchorElement>(event, FOLLOWED_LATER);
  // Keys and fingers mean it; so does whoever holds a key down.
  const isByMouse = event.detail > 0 && (event as PointerEvent).pointerType !== "touch";
  if (!link || !isByMouse || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  clearTimeout(waiting);
  if (event.detail === 1) waiting = setTimeout(() => link.click(), PATIENCE);
}
