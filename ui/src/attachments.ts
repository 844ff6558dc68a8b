// The files of a note: chosen (also in several goes), dropped or pasted, in any order, each goes along
// until it is taken out. A file field itself holds only what was chosen last.
import htmx from "htmx.org";
import { all, closest, icon } from "./dom";
import { say } from "./live/status";
import { said } from "./words";

const FIELD = "form[data-takes-files] input[type=file]";
/** What each field holds. */
const held = new WeakMap<HTMLInputElement, File[]>();
/** What a form held that was refused, for the one that comes in its place. */
let refused: { id: string; files: File[] } | undefined;
let takingOut = false;

export function startAttachments(): void {
  // Before anybody else looks at what was chosen: it comes beside what is there.
  document.addEventListener("change", join, { capture: true });
  // After what is too large was taken out.
  document.addEventListener("change", (event) => {
    const input = closest<HTMLInputElement>(event, FIELD);
    if (input) keep(input);
  });
  document.addEventListener("paste", (event) => take(event, event.clipboardData));
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files") && closest(event, "form[data-takes-files]")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => take(event, event.dataTransfer));
  document.addEventListener("click", (event) => {
    const button = closest<HTMLButtonElement>(event, "[data-detach]");
    if (button) takeOut(button);
  });
  carryOver();
}

function join(event: Event): void {
  const input = closest<HTMLInputElement>(event, FIELD);
  if (input && !takingOut) put(input, [...(held.get(input) ?? []), ...(input.files ?? [])]);
}

function put(input: HTMLInputElement, files: File[]): void {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input.files = all.files;
}

function keep(input: HTMLInputElement): void {
  held.set(input, [...(input.files ?? [])]);
  draw(input);
}

/** Pasted and dropped files go along as if they had been chosen. */
function take(event: Event, data: DataTransfer | null): void {
  const files = [...(data?.files ?? [])];
  const input = closest(event, "form[data-takes-files]")?.querySelector<HTMLInputElement>("input[type=file]");
  if (files.length === 0 || !input) return;
  event.preventDefault();
  put(input, files);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function takeOut(button: HTMLButtonElement): void {
  const input = button.closest("form")?.querySelector<HTMLInputElement>("input[type=file]");
  const files = input && held.get(input);
  if (!files) return;
  const place = all(button.closest("ul") ?? document, "[data-detach]").indexOf(button);
  const [gone] = files.splice(place, 1);
  put(input, files);
  takingOut = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  takingOut = false;
  const left = all(input.form ?? document, "[data-detach]");
  (left[Math.min(place, left.length - 1)] ?? input).focus();
  if (gone) say(said("{name} removed", { name: gone.name }));
}

function draw(input: HTMLInputElement): void {
  const list = input.form?.querySelector<HTMLElement>("[data-attached]");
  if (!list) return;
  const files = held.get(input) ?? [];
  list.hidden = files.length === 0;
  list.replaceChildren(...files.map(shown));
}

function shown(file: File): HTMLElement {
  const item = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const picture = document.createElement("img");
    picture.src = URL.createObjectURL(file);
    picture.alt = "";
    for (const end of ["load", "error"]) picture.addEventListener(end, () => URL.revokeObjectURL(picture.src));
    item.append(picture);
  } else {
    item.append(icon("file"));
  }
  const name = document.createElement("span");
  name.textContent = file.name;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "lookup-remove";
  remove.dataset.detach = "";
  remove.setAttribute("aria-label", said("Remove {name}", { name: file.name }));
  remove.append(icon("x"));
  item.append(name, remove);
  return item;
}

/** A form that was refused comes again without its files, which only the browser has. */
function carryOver(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = (event as CustomEvent<{ target: HTMLElement; xhr: XMLHttpRequest }>).detail;
    const input = target.matches("form[data-takes-files]") ? target.querySelector<HTMLInputElement>("input[type=file]") : null;
    if (input && xhr.status === 422) refused = { id: input.id, files: held.get(input) ?? [] };
  });
  htmx.onLoad((root) => {
    for (const input of all<HTMLInputElement>(root as HTMLElement, FIELD)) {
      if (input.id !== refused?.id || held.has(input)) continue;
      put(input, refused.files);
      keep(input);
      refused = undefined;
    }
  });
}
