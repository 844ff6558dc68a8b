// What is wrong with a field, said beside it while the page stays as it is.
import { all, icon } from "./dom";

/** What the server says about a field; without a name, about the record as a whole. */
export interface FieldError {
  name: string;
  label: string;
  message: string;
}

/** Says what is wrong beside the fields of a form, in place of what was said before. */
export function showFieldErrors(form: HTMLFormElement, errors: FieldError[]): void {
  for (const field of all(document, ".field.has-error")) if (isOf(field, form)) clear(field);
  for (const { name, message } of errors) {
    const field = all(document, `.field[data-field="${CSS.escape(name)}"]`).find((known) => isOf(known, form));
    if (field) show(field, message);
  }
}

/** Takes away what is said about the field that a control stands in. */
export function clearFieldErrors(control: HTMLElement): void {
  const field = control.closest<HTMLElement>(".field.has-error");
  if (field?.querySelector("[data-field-error]")) clear(field);
}

function isOf(field: HTMLElement, form: HTMLFormElement): boolean {
  return field.querySelector<HTMLInputElement>("[name]")?.form === form;
}

/** What people meet: of a lookup the text box that stands for its select. */
function facing(field: HTMLElement): HTMLElement | null {
  return field.querySelector(".ts-control input, input:not([type=hidden]), select, textarea");
}

function show(field: HTMLElement, message: string): void {
  clear(field);
  const text = document.createElement("p");
  text.className = "field-error";
  text.id = `field-${field.dataset.field ?? ""}-error`;
  text.dataset.fieldError = "";
  const words = document.createElement("span");
  words.textContent = message;
  text.append(icon("alert-circle"), words);
  (field.querySelector(".field-control") ?? field).append(text);
  field.classList.add("has-error");
  const control = facing(field);
  if (!control) return;
  control.setAttribute("aria-invalid", "true");
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== text.id);
  control.setAttribute("aria-describedby", [text.id, ...others].join(" "));
}

function clear(field: HTMLElement): void {
  const control = facing(field);
  for (const text of all(field, ".field-error")) {
    const others = (control?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== text.id);
    if (others.length > 0) control?.setAttribute("aria-describedby", others.join(" "));
    else control?.removeAttribute("aria-describedby");
    text.remove();
  }
  field.classList.remove("has-error");
  control?.removeAttribute("aria-invalid");
}
