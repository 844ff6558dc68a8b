// What the modules need of the page again and again.

/** The nearest element around an event's origin that matches, or null. */
export function closest<T extends HTMLElement = HTMLElement>(event: Event, selector: string): T | null {
  const target = event.target;
  return target instanceof Element ? target.closest<T>(selector) : null;
}

/** All elements that match within a root, the root included. */
export function all<T extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): T[] {
  const found = [...root.querySelectorAll<T>(selector)];
  return root instanceof HTMLElement && root.matches(selector) ? [root as T, ...found] : found;
}

/**
 * Whether keys typed now go into a text, so that single-letter shortcuts must stay quiet; of
 * somebody who has turned them off, every letter does.
 */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.key.length === 1 && document.body.dataset.shortcuts === "off") return true;
  return closest(event, "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], .ts-wrapper") !== null;
}

/** An icon from the sprite. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

/** Posts to an address as a form would, with the token against forged requests. */
export function post(action: string, values: [string, string][]): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  form.hidden = true;
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
  for (const [name, value] of [["csrf", token], ...values] as [string, string][]) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}
