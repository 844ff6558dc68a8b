// The search box of the top bar: Ctrl+K goes there, suggestions open while one types, arrow keys
// walk through them.
import { all } from "./dom";

export function startSearch(): void {
  const form = document.querySelector<HTMLFormElement>("[data-search]");
  const input = form?.querySelector("input");
  const list = document.getElementById("suggestions");
  if (!form || !input || !list) return;

  const show = () => (list.hidden = list.childElementCount === 0 || input.value.trim() === "");
  const hide = () => (list.hidden = true);

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  list.addEventListener("htmx:afterSwap", show);
  input.addEventListener("focus", show);
  input.addEventListener("input", () => {
    if (input.value.trim() === "") hide();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) hide();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hide();
      input.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = all(list, "[data-suggestion]");
    if (list.hidden || links.length === 0) return;
    event.preventDefault();
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    (links[next] ?? input).focus();
  });
}
