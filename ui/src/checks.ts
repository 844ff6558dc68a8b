// A field is checked once it is left, before anything is saved: what was changed there is sent alone, and what the
// server finds wrong is said beside it; what is right takes back what was said before. The focus stays where it is.
import { closest, facing } from "./dom";
import { clearFieldError, fieldError, showFieldError, type FieldError } from "./fielderrors";
import { fieldValue, goToField, holdsNothing, savedValues } from "./form";
import { say } from "./live/status";
import { said } from "./words";

const FIELD = ".field[data-field]";
/** Of a date of which only a part is typed, the browser tells nothing but that. */
const HALF = "half";

/** A value, and what was said about it. */
interface Judged {
  value: string;
  message: string;
}

const HALF_A_DATE: Judged = { value: HALF, message: said("This date is not complete.") };

/** How the fields stood when somebody came into them. */
const entered = new WeakMap<HTMLElement, Judged>();
/** What was found out last. */
const found = new WeakMap<HTMLElement, Judged>();
/** The values that are being judged. */
const asked = new WeakMap<HTMLElement, string>();

let pressed = false;
let released: (() => void)[] = [];

export function startChecks(): void {
  document.addEventListener("focusin", (event) => {
    const field = closest(event, FIELD);
    if (field && !entered.has(field)) entered.set(field, { value: valueOf(field), message: fieldError(field) });
  });
  document.addEventListener("focusout", (event) => {
    const field = closest(event, FIELD);
    // Once the value is tidied, and sent if leaving the field was a part of that.
    if (field && !field.contains(event.relatedTarget as Node | null)) setTimeout(() => left(field));
  });
  document.addEventListener("submit", holdBack, { capture: true });
  document.addEventListener("pointerdown", () => (pressed = true), { capture: true });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => setTimeout(release), { capture: true });
}

/** Half a date would be saved as none. */
function holdBack(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (!form.dataset.checks) return;
  const halves = [...form.elements].flatMap((control) => control.closest<HTMLElement>(FIELD) ?? []).filter((field) => valueOf(field) === HALF);
  if (!halves[0]) return;
  event.preventDefault();
  event.stopPropagation();
  for (const field of halves) judge(field, HALF_A_DATE);
  goToField(facing(halves[0])?.id ?? "");
}

function release(): void {
  pressed = false;
  for (const go of released.splice(0)) go();
}

/** While the mouse is held nothing moves: a click would miss what it is meant for. */
function atRest(): Promise<void> {
  return new Promise((go) => (pressed ? released.push(go) : go()));
}

function formOf(field: HTMLElement): HTMLFormElement | null {
  return field.querySelector<HTMLInputElement>("[name]")?.form ?? null;
}

function valueOf(field: HTMLElement): string {
  const control = facing(field);
  return control instanceof HTMLInputElement && control.validity.badInput ? HALF : fieldValue(field);
}

function left(field: HTMLElement): void {
  const form = formOf(field);
  const before = entered.get(field);
  if (field.contains(document.activeElement) || !form?.dataset.checks || form.classList.contains("htmx-request")) return;
  entered.delete(field);
  const value = valueOf(field);
  if (value === HALF) return judge(field, HALF_A_DATE);
  // What was emptied may have to be filled, also where a new record began without it.
  const isSaved = value === savedValues(form).get(field.dataset.field ?? "") && !holdsNothing(value);
  const known = [before, found.get(field)].filter((judged) => judged?.value === value);
  // What stands there by now was said by saving, which knows more; what stood there goes while one types.
  const wrong = known.find((judged) => judged?.message);
  if (wrong && !fieldError(field)) judge(field, wrong);
  if (known.length > 0) return;
  if ((isSaved && !fieldError(field)) || field.querySelector("input[type=file]")) return;
  void check(form, field, value);
}

async function check(form: HTMLFormElement, field: HTMLElement, value: string): Promise<void> {
  if (asked.get(field) === value) return;
  asked.set(field, value);
  const errors = await ask(form, field.dataset.field ?? "", value);
  await atRest();
  if (asked.get(field) === value) asked.delete(field);
  // Somebody may have gone on typing there, or saved meanwhile.
  if (!errors || !field.isConnected || valueOf(field) !== value || form.classList.contains("htmx-request")) return;
  judge(field, { value, message: errors.find(({ name }) => name === field.dataset.field)?.message ?? "" });
}

/** Without an answer nothing is said: saving will tell. */
async function ask(form: HTMLFormElement, name: string, value: string): Promise<FieldError[] | null> {
  const token = form.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "";
  const texts = (JSON.parse(value) as string[]).map((text) => [name, text]);
  const body = new URLSearchParams([["csrf", token], ...texts]);
  try {
    const headers = { Accept: "application/json", "HX-Request": "true" };
    const response = await fetch(form.dataset.checks ?? "", { method: "POST", body, credentials: "same-origin", headers });
    return response.ok ? ((await response.json()) as { errors: FieldError[] }).errors : null;
  } catch {
    return null;
  }
}

function judge(field: HTMLElement, judged: Judged): void {
  found.set(field, judged);
  if (judged.message === fieldError(field)) return;
  if (judged.message === "") return clearFieldError(field);
  showFieldError(field, judged.message);
  say(`${labelOf(field)}: ${judged.message}`);
}

function labelOf(field: HTMLElement): string {
  return field.querySelector(".form-label")?.firstChild?.textContent?.trim() ?? "";
}
