// How every box with suggestions takes keys and focus (the combobox of WAI-ARIA): its list opens when it is asked
// for, and Tab takes only what somebody moved to or typed for. Nothing is chosen by passing through.
import type TomSelect from "tom-select/base";

/** `opensEmpty`: whether a box that holds nothing yet also offers its list to whoever comes to it. */
export function behaveAsCombobox(box: TomSelect, opensEmpty: boolean): void {
  openWhenAsked(box, opensEmpty);
  takeWhatIsMeant(box);
}

/** By a press, by the arrow down, by typing. */
function openWhenAsked(box: TomSelect, opensEmpty: boolean): void {
  let pressed = false;
  const opens = (): boolean => pressed || (opensEmpty && box.items.length === 0);
  const loads = box.settings.preload === "focus";
  // Tom Select asks for these each time it gets the focus.
  Object.defineProperties(box.settings, {
    openOnFocus: { get: opens },
    preload: { get: () => (loads && opens() ? "focus" : false) },
  });
  box.control.addEventListener("mousedown", () => (pressed = true), { capture: true });
  box.on("dropdown_open", () => {
    pressed = false;
    // The list may open under a mouse that rests; only one that moves points at something.
    box.ignoreHover = true;
  });
  box.on("blur", () => (pressed = false));
  box.control_input.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "ArrowDown" || box.isOpen || box.isLocked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (loads) box.preload();
      box.refreshOptions(true);
    },
    { capture: true },
  );
}

function takeWhatIsMeant(box: TomSelect): void {
  let meant = false;
  box.on("type", (typed: string) => (meant = typed.trim() !== ""));
  box.on("dropdown_close", () => (meant = false));
  box.dropdown.addEventListener("mouseenter", () => (meant &&= box.ignoreHover), { capture: true });
  box.control_input.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") meant ||= box.isOpen;
      else if (event.key === "Tab" && !meant) box.clearActiveOption();
    },
    { capture: true },
  );
}
