// Menus, tabs and the navigation drawer: Tabler's behaviours, which start themselves on the
// attributes the server writes.
import Dropdown from "@tabler/core/js/src/bootstrap/dropdown";
import Offcanvas from "@tabler/core/js/src/bootstrap/offcanvas";
import Tab from "@tabler/core/js/src/bootstrap/tab";
import { closest } from "./dom";
import { onPage } from "./visits";

export function startMenus(): void {
  // Named here so that the bundler keeps the modules, whose import is what starts them.
  void Offcanvas;

  // While the drawer is a dialog it has a name.
  document.addEventListener("show.bs.offcanvas", ({ target }) => {
    const drawer = target as HTMLElement;
    drawer.ariaLabel = drawer.querySelector("nav")?.ariaLabel ?? null;
  });
  document.addEventListener("hidden.bs.offcanvas", ({ target }) => {
    (target as HTMLElement).ariaLabel = null;
  });

  // The tab in the address, so that a link may lead to one and "back" returns to it.
  onPage(() => {
    const named = location.hash.length > 1 ? document.getElementById(`${location.hash.slice(1)}-tab`) : null;
    if (named) Tab.getOrCreateInstance(named).show();
  });
  document.addEventListener("shown.bs.tab", (event) => {
    const panel = (event.target as HTMLElement).getAttribute("aria-controls");
    if (panel) history.replaceState(history.state, "", `#${panel}`);
  });

  // Saving brings the record's page anew: the tab one was on stays open, unless another one holds
  // what is wrong.
  let open: string | undefined;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = (event as CustomEvent<{ target: HTMLElement }>).detail;
    open = target.id === "record" ? target.querySelector(".tab-pane.active")?.id : undefined;
  });
  document.addEventListener("htmx:load", (event) => {
    if ((event.target as HTMLElement).id !== "record" || !open) return;
    const button = document.getElementById(`${open}-tab`);
    open = undefined;
    if (button && !document.querySelector("#record .tab-count.is-alarming")) Tab.getOrCreateInstance(button).show();
  });

  // The arrows of a select in a menu are its own; the menu would take them for going from command to command.
  window.addEventListener(
    "keydown",
    (event) => {
      if (/^Arrow(Up|Down)$/.test(event.key) && closest(event, ".dropdown-menu select")) event.stopPropagation();
    },
    { capture: true },
  );

  // A menu closes when one of its commands was chosen, also one that htmx answers.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const menu = closest(event, ".dropdown-menu:not(.filter-popover, .bell-panel)");
    const toggle = menu?.parentElement?.querySelector("[data-bs-toggle=dropdown]");
    if (toggle) Dropdown.getInstance(toggle)?.hide();
  });
}
