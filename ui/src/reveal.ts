// What is shown only sometimes: the rest of a long text, and fields that another field's value
// calls for.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { said } from "./words";

export function startReveal(): void {
  document.addEventListener("click", (event) => {
    const button = closest<HTMLButtonElement>(event, "[data-unclip]");
    if (!button) return;
    const clipped = button.previousElementSibling?.classList.toggle("is-clipped") ?? false;
    button.textContent = clipped ? said("Show more") : said("Show less");
    button.setAttribute("aria-expanded", String(!clipped));
  });
  htmx.onLoad((root) => showFitting(root as HTMLElement));
  document.addEventListener("change", (event) => {
    const form = (event.target as HTMLInputElement).form;
    if (form) showFitting(form);
  });
}

/** `data-only-when="account=other"`: shown while the form's field `account` has the value `other`. */
function showFitting(root: HTMLElement): void {
  for (const field of all(root, "[data-only-when]")) {
    const [name, value] = (field.dataset.onlyWhen ?? "").split("=");
    const form = field.closest("form");
    if (form && name) field.hidden = new FormData(form).get(name) !== value;
  }
}
