// What is typed into a filter while the server draws it anew (its operator was just chosen) is put
// into what comes.
import { all } from "./dom";

interface Exchange {
  elt: HTMLElement;
  target: HTMLElement;
  xhr: XMLHttpRequest;
}

type Texts = Map<string, string>;

const DRAWN_ANEW = "[data-filter-editor], .filter-builder";
const TEXTS = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea";
/** By request: first what stood in the fields when it was sent, then what was typed since. */
const asked = new WeakMap<XMLHttpRequest, Texts>();
const typed = new WeakMap<XMLHttpRequest, Texts>();

export function startMeanwhile(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, xhr } = detail(event);
    // Only then the fields are the same before and after.
    if (elt.matches("[name$=operator]") && target.matches(DRAWN_ANEW)) asked.set(xhr, texts(target));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = detail(event);
    const before = asked.get(xhr);
    if (!before) return;
    typed.set(xhr, new Map([...texts(target)].filter(([name, text]) => before.get(name) !== text)));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const [name, text] of typed.get(detail(event).xhr) ?? []) {
      for (const field of fields(document).filter((field) => field.name === name)) field.value = text;
    }
  });
}

function detail(event: Event): Exchange {
  return (event as CustomEvent<Exchange>).detail;
}

function fields(root: ParentNode): (HTMLInputElement | HTMLTextAreaElement)[] {
  return all(root, DRAWN_ANEW).flatMap((part) => all<HTMLInputElement | HTMLTextAreaElement>(part, TEXTS));
}

function texts(part: HTMLElement): Texts {
  return new Map(fields(part).map((field) => [field.name, field.value]));
}
