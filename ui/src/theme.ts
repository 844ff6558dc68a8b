// Light, dark, or as the device says. The choice is a cookie that the server reads, so the next
// page arrives in the right colours; "auto" is no attribute at all and left to the style sheet.
import { all, closest } from "./dom";
import { setCookie } from "./zone";

export function startTheme(): void {
  document.addEventListener("click", (event) => {
    const choice = closest(event, "[data-theme-choice]")?.dataset.themeChoice;
    if (choice) choose(choice);
  });
}

/** Shows this page and the next ones in a theme. */
export function choose(theme: string): void {
  setCookie("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.bsTheme;
  else document.documentElement.dataset.bsTheme = theme;
  for (const button of all(document, "[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}
