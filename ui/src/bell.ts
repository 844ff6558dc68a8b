// The bell: what it tells of is asked for when it opens, and what is new flies in where somebody looks.
import Dropdown from "@tabler/core/js/src/bootstrap/dropdown";
import { closest } from "./dom";

export function startBell(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = (event as CustomEvent<{ elt: HTMLElement; parameters: FormData }>).detail;
    // Nobody looks: the count is enough.
    if (elt.id === "bell-news" && document.hidden) parameters.append("quiet", "1");
  });
  document.addEventListener("shown.bs.dropdown", (event) => {
    if ((event.target as HTMLElement).id === "bell") panel()?.scrollTo({ top: 0 });
  });
  // A list that nobody sees is not kept up to date.
  document.addEventListener("hidden.bs.dropdown", (event) => {
    if ((event.target as HTMLElement).id === "bell") panel()?.replaceChildren();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const settled = event.target as HTMLElement;
    // The button that was pressed is gone with the old list.
    if (settled.id === "bell-panel" && document.activeElement === document.body) panel()?.querySelector<HTMLElement>(".bell-list")?.focus();
    if (settled.matches(".notification") && document.activeElement === document.body) settled.querySelector<HTMLElement>("button")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !closest(event, "#bell-panel")) return;
    const bell = document.getElementById("bell");
    if (!bell) return;
    Dropdown.getInstance(bell)?.hide();
    bell.focus();
  });
}

function panel(): HTMLElement | null {
  return document.getElementById("bell-panel");
}

/** Opens or closes it, as its key does. */
export function ringBell(): boolean {
  const bell = document.getElementById("bell");
  if (!bell) return false;
  bell.focus();
  Dropdown.getOrCreateInstance(bell).toggle();
  return true;
}
