// Naming people by "@" and records by "#" while writing a post. What is chosen stands in the text by its
// name; the form says beside it who that is.
import { closest, icon } from "./dom";
import { said } from "./words";

interface Match {
  id: string;
  table: string;
  label: string;
  secondary?: string;
}

const ICONS: Record<string, string> = { systemuser: "user", lead: "user-search", opportunity: "target", account: "building", contact: "id" };
const LIST = "mention-list";

let area: HTMLTextAreaElement | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export function startMentions(): void {
  document.addEventListener("input", (event) => {
    const text = closest<HTMLTextAreaElement>(event, "form[data-people] textarea");
    if (text) lookSoon(text);
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", (event) => {
    if (event.target === area) setTimeout(close, 150);
  });
  document.addEventListener("pointerdown", (event) => {
    const option = closest(event, `#${LIST} [role=option]`);
    if (!option) return;
    event.preventDefault();
    choose(option);
  });
}

/** The sign and the word behind it, up to the cursor. */
function typed(text: HTMLTextAreaElement): { sign: string; word: string; from: number } | null {
  const before = text.value.slice(0, text.selectionStart);
  const found = /(^|\s)([@#])([^\n@#]{0,40})$/.exec(before);
  if (!found) return null;
  const [, , sign = "", word = ""] = found;
  return { sign, word, from: before.length - word.length - 1 };
}

function lookSoon(text: HTMLTextAreaElement): void {
  clearTimeout(timer);
  const name = typed(text);
  if (!name) {
    close();
    return;
  }
  timer = setTimeout(() => void look(text, name), 180);
}

async function look(text: HTMLTextAreaElement, name: { sign: string; word: string }): Promise<void> {
  const form = text.form;
  const source = name.sign === "@" ? form?.dataset.people : form?.dataset.records;
  if (!source) return;
  const mine = ++asked;
  const answer = await fetch(`${source}?q=${encodeURIComponent(name.word.trim())}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || mine !== asked) return;
  show(text, (await answer.json()) as Match[]);
}

function show(text: HTMLTextAreaElement, matches: Match[]): void {
  close();
  if (matches.length === 0 || document.activeElement !== text) return;
  area = text;
  const list = document.createElement("div");
  list.id = LIST;
  list.className = "mention-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", said("Who or what you mean"));
  matches.slice(0, 8).forEach((match, place) => list.append(option(match, place)));
  text.closest(".field-control")?.append(list);
  text.setAttribute("aria-controls", LIST);
  mark(list.firstElementChild as HTMLElement);
}

function option(match: Match, place: number): HTMLElement {
  const row = document.createElement("div");
  row.id = `mention-${place}`;
  row.setAttribute("role", "option");
  row.dataset.value = `${match.table}:${match.id}`;
  row.dataset.label = match.label;
  const name = document.createElement("span");
  name.textContent = match.label;
  const more = document.createElement("small");
  more.textContent = match.secondary ?? "";
  row.append(icon(ICONS[match.table] ?? "file"), name, more);
  return row;
}

function mark(row: HTMLElement | null): void {
  if (!row) return;
  for (const other of row.parentElement?.children ?? []) other.setAttribute("aria-selected", String(other === row));
  area?.setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

function onKey(event: KeyboardEvent): void {
  const list = document.getElementById(LIST);
  if (!list || event.target !== area) return;
  const present = list.querySelector<HTMLElement>("[aria-selected=true]");
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" } as const;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(present?.[step[event.key]] as HTMLElement | null);
  else if (event.key === "Enter" || event.key === "Tab") choose(present);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function choose(row: HTMLElement | null): void {
  const text = area;
  const name = text ? typed(text) : null;
  if (!row || !text || !name) return;
  text.setRangeText(`${name.sign}${row.dataset.label ?? ""} `, name.from, text.selectionStart, "end");
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = "mention";
  input.value = row.dataset.value ?? "";
  text.form?.append(input);
  close();
}

function close(): void {
  document.getElementById(LIST)?.remove();
  area?.removeAttribute("aria-activedescendant");
  area?.removeAttribute("aria-controls");
  area = null;
}
