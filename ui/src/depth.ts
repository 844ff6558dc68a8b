// As deep in a list as one was: what had been brought by scrolling is brought again, a page after the
// other, until the place is there. Whoever moves on by themselves meanwhile is not pulled back.
import htmx from "htmx.org";

/** What takes the place into one's own hands. */
const HANDS = ["wheel", "pointerdown", "touchmove", "keydown"];

/** A part of the page that grows as it is scrolled. */
export interface Depth {
  /** The part itself; once it is gone there is nothing to bring. */
  within: HTMLElement;
  /** The link to what follows, where anything does. */
  more(): HTMLElement | null;
  /** Whether enough is there. */
  suffices(): boolean;
  /** Goes to the place, as far as it is there. */
  go(): void;
}

/** Brings a part to its depth; whether nobody moved on meanwhile. */
export async function bring({ within, more, suffices, go }: Depth): Promise<boolean> {
  let taken = false;
  const take = (event: Event) => (taken ||= event.isTrusted && !(event as KeyboardEvent).repeat);
  for (const name of HANDS) document.addEventListener(name, take, { capture: true, passive: true });
  go();
  for (let link = more(); link && !suffices(); link = more()) {
    await follow(link);
    // Where it could not be brought, it can be asked for by hand.
    if (taken || !within.isConnected || link.isConnected) break;
    go();
  }
  for (const name of HANDS) document.removeEventListener(name, take, { capture: true });
  return !taken && within.isConnected;
}

/** Resolves once the link was answered, also where it is being followed already. */
function follow(link: HTMLElement): Promise<void> {
  if (link.classList.contains("htmx-request")) return answer(link);
  // Else it would be followed once more when it comes into sight: a page that was just led to is taken up by
  // htmx only now, which then knows nothing of what was asked for before.
  link.setAttribute("hx-trigger", "click");
  htmx.process(link);
  return htmx.ajax("get", link.getAttribute("href") ?? "", { source: link }).catch(() => {});
}

function answer(link: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const answered = (event: Event) => {
      const { requestConfig } = (event as CustomEvent<{ requestConfig: { elt: Element } }>).detail;
      if (requestConfig.elt !== link) return;
      document.removeEventListener("htmx:afterRequest", answered);
      resolve();
    };
    document.addEventListener("htmx:afterRequest", answered);
  });
}
