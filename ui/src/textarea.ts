// Boxes for several lines grow with their text.
import { all } from "./dom";

export function growTextAreas(root: HTMLElement): void {
  // Browsers that know the property do it by style sheet.
  if (CSS.supports("field-sizing", "content")) return;
  for (const area of all<HTMLTextAreaElement>(root, "textarea[data-grows]")) {
    const grow = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 2}px`;
    };
    area.addEventListener("input", grow);
    if (area.offsetParent) grow();
  }
}
