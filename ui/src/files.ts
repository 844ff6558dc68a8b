// A file that is too large is told at once, not after it was sent; others beside it stay.
import { closest } from "./dom";
import { said } from "./words";

export function startFiles(): void {
  document.addEventListener("change", (event) => {
    const input = closest<HTMLInputElement>(event, "input[type=file][data-largest]");
    if (!input) return;
    const field = input.closest(".field");
    field?.querySelector("[data-too-large]")?.remove();
    const file = leaveOut(input, Number(input.dataset.largest));
    field?.classList.toggle("has-error", file !== undefined);
    if (file) input.after(note(file, Number(input.dataset.largest)));
  });
}

/** Takes out what is too large for the field, by itself or with those before it; tells the first. */
function leaveOut(input: HTMLInputElement, largest: number): File | undefined {
  const fitting = new DataTransfer();
  let [room, first]: [number, File | undefined] = [largest, undefined];
  for (const file of input.files ?? []) {
    if (file.size > room) {
      first ??= file;
      continue;
    }
    room -= file.size;
    fitting.items.add(file);
  }
  if (first) input.files = fitting.files;
  return first;
}

function note(file: File, largest: number): HTMLElement {
  const note = document.createElement("p");
  note.className = "field-error";
  note.dataset.tooLarge = "";
  note.setAttribute("role", "alert");
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const values = { name: file.name, size: megabytes(file.size), largest: megabytes(largest) };
  note.textContent =
    file.size > largest
      ? said("“{name}” has {size} MB; at most {largest} MB are accepted.", values)
      : said("“{name}” was left out: all files together may have {largest} MB.", values);
  return note;
}
