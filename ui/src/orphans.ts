// An answer may come when the element that asked is gone, because the list around it was drawn anew
// meanwhile. What the answer announces would then be heard by nobody; so the page hears it.
import htmx from "htmx.org";

interface Request {
  elt: HTMLElement;
  xhr: XMLHttpRequest;
}

export function startOrphans(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, xhr } = (event as CustomEvent<Request>).detail;
    // Before the answer is used, which may take the element away itself.
    xhr.addEventListener("readystatechange", () => {
      if (xhr.readyState !== XMLHttpRequest.DONE || elt.isConnected) return;
      for (const [name, detail] of announced(xhr.getResponseHeader("HX-Trigger") ?? "")) htmx.trigger(document.body, name, detail);
    });
  });
}

/** Events of the header, which is a list of names, or an object of names and details. */
function announced(header: string): [string, object][] {
  if (header.startsWith("{")) return Object.entries(JSON.parse(header) as Record<string, object>);
  const names = header.split(",").map((name) => name.trim());
  return names.filter(Boolean).map((name) => [name, {}]);
}
