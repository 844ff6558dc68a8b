// An answer may come when the elements that asked for it are gone, because the list around them was
// drawn anew meanwhile. It then belongs to what stands in their place; what it announces would be
// heard by nobody, so the page hears it.
import htmx from "htmx.org";

interface Request {
  elt: HTMLElement;
  target: HTMLElement;
  xhr: XMLHttpRequest;
}

/** What tells an element from its likes also when it is drawn anew. */
const KEYS = ["id", "data-entry"];

export function startOrphans(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const request = (event as CustomEvent<Request>).detail;
    // Before the answer is used, which may take the element away itself.
    request.xhr.addEventListener("readystatechange", () => {
      if (request.xhr.readyState !== XMLHttpRequest.DONE) return;
      if (!request.target.isConnected) request.target = inPlaceOf(request.target) ?? request.target;
      if (request.elt.isConnected) return;
      for (const [name, detail] of announced(request.xhr.getResponseHeader("HX-Trigger") ?? "")) htmx.trigger(document.body, name, detail);
    });
  });
}

/** The element of the page that is what another was, by the nearest one around it that has a key. */
function inPlaceOf(gone: HTMLElement): HTMLElement | null {
  const path: number[] = [];
  for (let element: Element = gone; ; element = element.parentElement) {
    const key = KEYS.find((name) => element.getAttribute(name));
    if (key) {
      const same = document.querySelector(`[${key}="${CSS.escape(element.getAttribute(key) ?? "")}"]`);
      const found = path.reduce((parent, place) => parent?.children[place] ?? null, same);
      return found instanceof HTMLElement && found.className === gone.className ? found : null;
    }
    if (!element.parentElement) return null;
    path.unshift([...element.parentElement.children].indexOf(element));
  }
}

/** Events of the header, which is a list of names, or an object of names and details. */
function announced(header: string): [string, object][] {
  if (header.startsWith("{")) return Object.entries(JSON.parse(header) as Record<string, object>);
  const names = header.split(",").map((name) => name.trim());
  return names.filter(Boolean).map((name) => [name, {}]);
}
