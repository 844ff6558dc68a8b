// What is wrong with a field, said beside it while the page stays as it is.
import { all, facing, icon } from "./dom";

/** What the server says about a field; without a name, about the record as a whole. */
export interface FieldError {
  name: string;
  label: string;
  message: string;
}

/** Says what is wrong beside the fields of a form, in place of what was said before. */
export function showFieldErrors(form: HTMLFormElement, errors: FieldError[]): void {
  for (const field of fieldsOf(form)) if (field.matches(".has-error")) clearFieldError(field);
  for (const { name, message } of errors) {
    const field = fieldsOf(form).find((known) => known.dataset.field === name);
    if (field) showFieldError(field, message);
  }
}

/** Takes away what a script has said about the field that a control stands in. */
export function clearFieldErrors(control: HTMLElement): void {
  const field = control.closest<HTMLElement>(".field.has-error");
  if (field?.querySelector("[data-field-error]")) clearFieldError(field);
}

/** Takes away all that a page says which came because saving by hand was refused. */
export function retract(form: HTMLFormElement): void {
  if (form.dataset.refused === undefined) return;
  delete form.dataset.refused;
  for (const field of fieldsOf(form)) if (field.matches(".has-error")) clearFieldError(field);
  for (const part of all(form.closest("#record") ?? form, "[data-error-summary], .tab-strip .is-alarming")) part.remove();
}

/** What is said about a field; nothing where all is right. */
export function fieldError(field: HTMLElement): string {
  return field.querySelector(".field-error")?.textContent?.trim() ?? "";
}

/** Says what is wrong with a field, in place of what was said before. */
export function showFieldError(field: HTMLElement, message: string): void {
  const text = errorOf(field);
  const words = document.createElement("span");
  words.textContent = message;
  text.replaceChildren(icon("alert-circle"), words);
  field.classList.add("has-error");
  const control = facing(field);
  control?.setAttribute("aria-invalid", "true");
  control?.setAttribute("aria-describedby", [text.id, ...describing(control, text)].join(" "));
}

/** Takes away what is said about a field. */
export function clearFieldError(field: HTMLElement): void {
  const control = facing(field);
  for (const text of all(field, ".field-error")) {
    const others = describing(control, text);
    if (others.length > 0) control?.setAttribute("aria-describedby", others.join(" "));
    else control?.removeAttribute("aria-describedby");
    text.remove();
  }
  field.classList.remove("has-error");
  control?.removeAttribute("aria-invalid");
}

/** The place of the message: the one that is there, so that nothing moves where another takes it. */
function errorOf(field: HTMLElement): HTMLElement {
  const present = field.querySelector<HTMLElement>(".field-error");
  const text = present ?? document.createElement("p");
  text.className = "field-error";
  text.dataset.fieldError = "";
  if (present) return text;
  text.id = `${(field.querySelector(".form-label")?.id ?? "").replace(/-label$/, "")}-error`;
  const place = field.querySelector(".field-control") ?? field;
  place.insertBefore(text, place.querySelector(":scope > :is(.field-theirs, .field-help)"));
  return text;
}

/** What else describes a control. */
function describing(control: HTMLElement | null, text: HTMLElement): string[] {
  return (control?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== text.id);
}

function fieldsOf(form: HTMLFormElement): HTMLElement[] {
  return all(document, ".field[data-field]").filter((field) => field.querySelector<HTMLInputElement>("[name]")?.form === form);
}
