// A value changed in its cell: Enter saves, Tab saves and goes to the next one, Escape leaves it, and
// so does going elsewhere, which saves. The server decides: what it refuses stays open with the reason.
import { all } from "../dom";

/** What a cell needs of the page's one htmx and of its modules. */
export interface Services {
  ask(path: string, context: { source: HTMLElement; target: HTMLElement; swap: string }): Promise<void>;
  replace(row: HTMLElement, now: HTMLElement): void;
  takeFresh(cell: HTMLElement): void;
  rememberValues(form: HTMLFormElement): void;
  isDirty(form: HTMLFormElement): boolean;
  reach(cell: HTMLElement | undefined): boolean;
  say(words: string): void;
}

/** Room that a field takes, in pixels. */
const ROOM = { width: 280, height: 150 };

let services: Services;
/** The cell that is open. */
let editing: HTMLElement | null = null;
let saving = false;
let started = false;

export async function open(cell: HTMLElement, given: Services): Promise<void> {
  services = given;
  start();
  if (editing === cell || saving) return;
  if (editing && !(await save(editing, false))) return;
  const list = cell.closest<HTMLElement>("[data-rows]");
  const id = cell.closest("tr")?.dataset.id;
  if (!list || !id || !cell.isConnected) return;
  const asked = new URLSearchParams({ column: cell.dataset.edit ?? "", list: list.dataset.list ?? "" });
  await services.ask(`${list.dataset.rows}/${id}/cell?${asked}`, { source: cell, target: cell, swap: "beforeend" });
  if (!cell.isConnected) {
    // The row was drawn anew meanwhile.
    cell.dataset.row = id;
    const now = again(cell);
    if (now && now.dataset.edit === cell.dataset.edit) await open(now, given);
    return;
  }
  const form = formOf(cell);
  if (!form || (editing && editing !== cell)) return form?.remove();
  editing = cell;
  place(cell);
  services.rememberValues(form);
  begin(form);
}

function start(): void {
  if (started) return;
  started = true;
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", (event) => {
    const cell = editing;
    if (cell && formOf(cell)?.contains(event.target as Node)) setTimeout(() => leftFor(cell), 0);
  });
  window.addEventListener("beforeunload", (event) => {
    const form = editing ? formOf(editing) : null;
    if (form && (saving || services.isDirty(form))) event.preventDefault();
  });
}

function formOf(cell: HTMLElement): HTMLFormElement | null {
  return cell.querySelector<HTMLFormElement>("form[data-cell-form]");
}

/** Over the cell, and within the list wherever the cell stands. */
function place(cell: HTMLElement): void {
  const [own, list] = [cell.getBoundingClientRect(), cell.closest(".grid-scroll")?.getBoundingClientRect()];
  cell.classList.add("is-editing");
  if (!list) return;
  cell.classList.toggle("is-at-end", own.left + ROOM.width > list.right && own.right - ROOM.width > list.left);
  cell.classList.toggle("is-at-foot", own.bottom + ROOM.height > list.bottom && own.top - ROOM.height > list.top);
}

function begin(form: HTMLFormElement): void {
  const control = fields(form)[0];
  control?.focus({ preventScroll: true });
  if (control instanceof HTMLInputElement && control.type !== "checkbox") control.select();
}

/** What can be filled in, as people meet it. */
function fields(form: HTMLFormElement): HTMLElement[] {
  // A lookup's own select is hidden behind its text box.
  const every = all(form, ".ts-control input, input:not([type=hidden]), select:not(.tomselected), textarea, button, a[href]");
  const isOpen = (one: HTMLElement) => one.tabIndex >= 0 && one.offsetParent !== null && !(one as HTMLInputElement).disabled;
  return every.filter((one) => isOpen(one) && !one.closest(".lookup-tools"));
}

function onKey(event: KeyboardEvent): void {
  const cell = editing;
  const form = cell ? formOf(cell) : null;
  if (!cell || !form?.contains(event.target as Node) || event.altKey || event.metaKey) return;
  const choosing = form.querySelector(".ts-wrapper.dropdown-active") !== null;
  if (event.key === "Escape" && !choosing) {
    event.preventDefault();
    event.stopPropagation();
    close(cell);
    services.takeFresh(cell);
    services.reach(again(cell));
  } else if (event.key === "Enter" && !choosing && (event.ctrlKey || !(event.target instanceof HTMLTextAreaElement))) {
    event.preventDefault();
    void save(cell, true).then((saved) => saved && services.reach(again(cell)));
  } else if (event.key === "Tab") {
    const list = fields(form);
    const last = event.shiftKey ? list[0] : list.at(-1);
    if (event.target !== last) return;
    event.preventDefault();
    // A list of suggestions takes its choice first.
    setTimeout(() => void saveAndGo(cell, event.shiftKey ? -1 : 1), 0);
  }
}

async function saveAndGo(cell: HTMLElement, step: number): Promise<void> {
  const [rows, row] = [cell.closest("tbody"), cell.closest("tr")];
  const place = row ? all(row, "td[data-edit]").indexOf(cell) : -1;
  if (!(await save(cell, true)) || !row?.isConnected || !rows) return;
  const here = all(row, "td[data-edit]")[place] ?? again(cell);
  const every = all(rows, "tr[data-row]:not(.is-gone) td[data-edit]");
  const next = here ? every[every.indexOf(here) + step] : undefined;
  if (!next) return void services.reach(here);
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  await open(next, services);
}

/** The cell that stands where this one stood. */
function again(cell: HTMLElement): HTMLElement | undefined {
  if (cell.isConnected) return cell;
  const row = document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(cell.dataset.row ?? "")}"]`);
  return row?.querySelector<HTMLElement>(`td[data-edit="${CSS.escape(cell.dataset.edit ?? "")}"]`) ?? row?.querySelector<HTMLElement>("td:not(.grid-select)") ?? undefined;
}

/** Somebody who goes on elsewhere has decided; what is refused stays open, and is told. */
function leftFor(cell: HTMLElement): void {
  const form = formOf(cell);
  if (cell !== editing || saving || !form || !document.hasFocus()) return;
  const focused = document.activeElement;
  if (form.contains(focused) || focused?.closest("dialog")) return;
  void save(cell, false);
}

/** Whether the cell is closed: what was typed is stored, or nothing was. */
async function save(cell: HTMLElement, stay: boolean): Promise<boolean> {
  const form = formOf(cell);
  // The list was drawn anew around it.
  if (!cell.isConnected) close(cell);
  if (!form || !cell.isConnected || saving) return !saving;
  if (!services.isDirty(form) && !form.querySelector("[name=take]:checked, .has-error")) {
    close(cell);
    services.takeFresh(cell);
    return true;
  }
  saving = true;
  form.classList.add("is-saving");
  const xhr = await sent(form);
  saving = false;
  if (xhr.status === 200) {
    const row = cell.closest("tr");
    const now = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector<HTMLElement>("tbody tr");
    close(cell);
    if (row && now) services.replace(row, now);
    return true;
  }
  refused(cell, stay);
  return false;
}

/** The answer, once it came, or that there is none. */
function sent(form: HTMLFormElement): Promise<XMLHttpRequest> {
  return new Promise((resolve) => {
    // Heard by the document, since by then the form may have been put in place anew.
    const hear = (event: Event): void => {
      const { requestConfig, xhr } = (event as CustomEvent<{ requestConfig: { elt: Element }; xhr: XMLHttpRequest }>).detail;
      if (requestConfig.elt !== form) return;
      document.removeEventListener("htmx:afterRequest", hear);
      resolve(xhr);
    };
    document.addEventListener("htmx:afterRequest", hear);
    form.requestSubmit();
  });
}

function refused(cell: HTMLElement, stay: boolean): void {
  const form = formOf(cell);
  if (!form) return;
  form.classList.remove("is-saving");
  const told = form.querySelector(".field-error")?.textContent;
  if (told) services.say(told);
  if (stay) begin(form);
}

function close(cell: HTMLElement): void {
  formOf(cell)?.remove();
  cell.dataset.row = cell.closest("tr")?.dataset.id ?? "";
  cell.classList.remove("is-editing", "is-at-end", "is-at-foot");
  if (editing === cell) editing = null;
}
