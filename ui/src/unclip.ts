// Long texts of a timeline: all of them whole, or all cut, also those that are loaded further down.
import htmx from "htmx.org";
import { all, closest } from "./dom";

export function startUnclip(): void {
  document.addEventListener("click", (event) => {
    const button = closest<HTMLButtonElement>(event, "[data-unclip-all]");
    if (!button) return;
    const whole = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(whole));
    for (const one of all<HTMLButtonElement>(timelineOf(button), "[data-unclip]")) show(one, whole);
  });
  htmx.onLoad((root) => {
    for (const one of all<HTMLButtonElement>(root as HTMLElement, "[data-unclip]")) {
      const button = timelineOf(one).querySelector("[data-unclip-all]");
      if (button?.getAttribute("aria-pressed") === "true") show(one, true);
    }
  });
}

function timelineOf(element: HTMLElement): ParentNode {
  return element.closest(".timeline") ?? document;
}

function show(button: HTMLButtonElement, whole: boolean): void {
  if ((button.getAttribute("aria-expanded") === "true") !== whole) button.click();
}
