// Formatting of a note: a box to write in with a few buttons stands in the place of the plain one,
// which stays for whoever has no script. The server takes from it what it knows and nothing else.
import { all, icon } from "./dom";
import { said } from "./words";

const BUTTONS: [command: string, glyph: string, label: string][] = [
  ["bold", "bold", said("Bold")],
  ["italic", "italic", said("Italic")],
  ["insertUnorderedList", "list", said("Bulleted list")],
  ["insertOrderedList", "list-numbers", said("Numbered list")],
  ["createLink", "link", said("Link")],
];

export function enhanceRichText(root: HTMLElement): void {
  for (const value of all<HTMLInputElement>(root, "input[data-rich-for]")) {
    const plain = document.getElementById(value.dataset.richFor ?? "");
    if (plain instanceof HTMLTextAreaElement && !plain.hidden) enhance(plain, value);
  }
}

function enhance(plain: HTMLTextAreaElement, value: HTMLInputElement): void {
  const box = document.createElement("div");
  box.className = "form-control rich-text";
  box.contentEditable = "true";
  box.setAttribute("role", "textbox");
  box.setAttribute("aria-multiline", "true");
  box.setAttribute("aria-labelledby", `${plain.id}-label`);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    const said = plain.getAttribute(name);
    if (said) box.setAttribute(name, said);
  }
  // Cleaned by the server.
  box.innerHTML = value.value;
  value.disabled = false;
  plain.hidden = true;
  plain.before(toolbar(box, plain), box);
  document.getElementById(`${plain.id}-label`)?.addEventListener("click", () => box.focus());
  if (plain.autofocus) {
    plain.autofocus = false;
    box.dataset.focus = "";
  }
  box.addEventListener("input", () => keep(box, plain, value));
  box.addEventListener("keydown", (event) => {
    const command = { b: "bold", i: "italic" }[event.key.toLowerCase()];
    if (!command || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    apply(box, command);
  });
}

/** Puts other texts into the boxes of a form, by the names of their fields. */
export function rewriteRichText(form: HTMLFormElement, texts: Map<string, string>): void {
  for (const value of all<HTMLInputElement>(form, "input[data-rich-for]")) {
    const text = texts.get(value.name);
    const box = document.getElementById(value.dataset.richFor ?? "")?.previousElementSibling;
    if (text === undefined || !box?.matches(".rich-text")) continue;
    box.innerHTML = value.value = cleaned(text);
  }
}

/** What boxes are written in; the rest goes, but its text stays. */
const KNOWN = "b, strong, i, em, u, s, p, div, br, ul, ol, li, a, blockquote, pre, code, h1, h2, h3, h4";
const LEADS = /^(https?:\/\/|mailto:|tel:)/i;

function cleaned(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) if (name !== "href" || !LEADS.test(element.getAttribute(name) ?? "")) element.removeAttribute(name);
    if (!element.matches(KNOWN)) element.replaceWith(...(element.matches("script, style") ? [] : element.childNodes));
  }
  return body.innerHTML;
}

function keep(box: HTMLElement, plain: HTMLTextAreaElement, value: HTMLInputElement): void {
  value.value = box.innerHTML;
  plain.value = box.innerText;
}

function toolbar(box: HTMLElement, plain: HTMLTextAreaElement): HTMLElement {
  const bar = document.createElement("div");
  bar.className = "rich-text-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", said("Formatting"));
  for (const [command, glyph, label] of BUTTONS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-icon";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-controls", plain.id);
    button.append(icon(glyph));
    // The text stays selected while the button is pressed.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => apply(box, command));
    bar.append(button);
  }
  return bar;
}

function apply(box: HTMLElement, command: string): void {
  box.focus();
  let value: string | undefined;
  if (command === "createLink") {
    const typed = window.prompt(said("Address of the link"), "https://")?.trim();
    if (!typed || typed === "https://") return;
    value = LEADS.test(typed) ? typed : `https://${typed}`;
  }
  // Deprecated in name only: nothing else in browsers formats what is selected and can be undone.
  document.execCommand(command, false, value);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
