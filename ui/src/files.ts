// A file that is too large is told at once, not after it was sent.
import { closest } from "./dom";
import { said } from "./words";

export function startFiles(): void {
  document.addEventListener("change", (event) => {
    const input = closest<HTMLInputElement>(event, "input[type=file][data-largest]");
    if (!input) return;
    const largest = Number(input.dataset.largest);
    const file = [...(input.files ?? [])].find((file) => file.size > largest);
    const field = input.closest(".field");
    field?.querySelector("[data-too-large]")?.remove();
    field?.classList.toggle("has-error", file !== undefined);
    if (!file) return;
    input.value = "";
    const note = document.createElement("p");
    note.className = "field-error";
    note.dataset.tooLarge = "";
    note.setAttribute("role", "alert");
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
    note.textContent = said("“{name}” has {size} MB; at most {largest} MB are accepted.", { name: file.name, size: megabytes(file.size), largest: megabytes(largest) });
    input.after(note);
  });
}
