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

/**
 * Builds upon an element while it is off the page. Whoever asks for its style there (as Tom Select
 * does) would make the browser lay out the whole page, once for each of a form's lookups.
 */
export function offPage(element: HTMLElement, build: () => void): void {
  if (document.activeElement === element) return build();
  const place = document.createComment("");
  const shelf = document.createElement("div");
  element.replaceWith(place);
  shelf.append(element);
  try {
    build();
  } finally {
    place.replaceWith(...shelf.childNodes);
  }
}

/** What people meet of a field: of a lookup the text box that stands for its select. */
export function facing(field: HTMLElement): HTMLElement | null {
  return field.querySelector(".ts-control input, input:not([type=hidden]), select:not(.tomselected), textarea");
}

/** One of the icons of icons.txt. */
export function icon(name: string): HTMLElement {
  const icon = document.createElement("i");
  icon.className = `icon glyph-${name}`;
  icon.setAttribute("aria-hidden", "true");
  return icon;
}

/** The name of an icon that stands in an element. */
export function iconIn(element: HTMLElement): string | undefined {
  const classes = [...(element.querySelector(".icon")?.classList ?? [])];
  return classes.find((name) => name.startsWith("glyph-"))?.slice("glyph-".length);
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
