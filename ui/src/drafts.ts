// What was typed into a record's form and not saved survives a reload, also after the server
// refused it: it is kept for this tab under the form's address, and put back when the page comes
// again. It belongs to whoever typed it, and leaves all tabs of the browser when they sign out in one,
// for the server to keep until they are back; it leaves a tab when somebody else signs in there. A
// session that has merely ended leaves it for them to come back to.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { formValues, isDirty, rememberValues, savedValues } from "./form";
import { showNote } from "./toasts";
import { address, onLeave, onPage, visit } from "./visits";
import { said } from "./words";

interface Draft {
  version: string;
  values: [name: string, value: string, label: string][];
  /** What was saved then, by field name. */
  saved?: [name: string, value: string][];
  /** When it was typed. */
  typed?: number;
}

/** As it lies in the storage: under its name. */
type Kept = [name: string, draft: string];

/** Between the tabs of a browser: somebody signs out, and the drafts of another tab of theirs. */
type Word = { signsOut: string } | { of: string; drafts: Kept[] };

const PREFIX = "draft ";
/** Whose drafts these are. */
const OWNER = "drafts of";
/** Whom the server was asked for what it keeps for them. */
const ASKED = "unsaved asked";
/** How long a tab that signs out waits for the drafts of the others, in milliseconds. */
const ANSWERED = 200;
const tabs = new BroadcastChannel("drafts");
let signingOut = false;
/** Drafts of other tabs, while this one gathers them. */
let others: Kept[] | undefined;

/** Before anything else looks at the form: lookups are drawn from what stands in it. */
export function restoreDrafts(): void {
  onPage(restore);
}

function restore(): void {
  leaveToOwner();
  for (const form of all<HTMLFormElement>(document, "form[data-guard]")) {
    const draft = read();
    if (!draft || form.dataset.refused !== undefined) continue;
    if (draft.version === version(form)) putBack(form, draft, () => true);
    else if (!putOver(form, draft)) continue;
    showNote(said("What you had typed here is back; it is not saved yet."), said("Discard"), () => {
      forget();
      form.removeAttribute("data-guard");
      location.reload();
    });
  }
}

export function startDrafts(): void {
  document.addEventListener("input", keepSoon);
  document.addEventListener("change", keepSoon);
  onLeave(keep);
  document.addEventListener("submit", (event) => {
    const form = closest<HTMLFormElement>(event, "form[action='/sign-out']");
    if (!form) return;
    event.preventDefault();
    void signOut(form);
  });
  tabs.addEventListener("message", (event: MessageEvent<Word>) => hear(event.data));
  // A page that comes anew in place of the form: saved, or refused with what was typed in it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = (event as CustomEvent<{ target: HTMLElement; xhr: XMLHttpRequest }>).detail;
    if (target.id === "record" && xhr.status < 400) forget();
  });
  htmx.onLoad((root) => {
    if (all(root as HTMLElement, "form[data-refused]")[0]) keep();
  });
}

/** Signs out with the drafts of all tabs. */
async function signOut(form: HTMLFormElement): Promise<void> {
  if (others) return;
  others = [];
  const signsOut = person();
  if (signsOut) {
    tabs.postMessage({ signsOut } satisfies Word);
    await new Promise((done) => setTimeout(done, ANSWERED));
  }
  handOver(form, [...giveUp(), ...others]);
  others = undefined;
  // What was typed is safe: the browser need not ask before it leaves.
  for (const guarded of all(document, "form[data-guard]")) guarded.removeAttribute("data-guard");
  form.submit();
}

/** What another tab says: that this tab's drafts are wanted, or what it has itself. */
function hear(word: Word): void {
  if ("drafts" in word) {
    if (word.of === person()) others?.push(...word.drafts);
  } else if (word.signsOut === person()) {
    const drafts = giveUp();
    if (drafts.length > 0) tabs.postMessage({ of: word.signsOut, drafts } satisfies Word);
  }
}

/** The drafts of this tab, which keeps none from now on. */
function giveUp(): Kept[] {
  keep();
  signingOut = true;
  const drafts = Object.entries({ ...sessionStorage }).filter(([key]) => key.startsWith(PREFIX));
  forgetAll();
  sessionStorage.removeItem(ASKED);
  return drafts;
}

/** Sends drafts along with the signing out, the newest first. */
function handOver(form: HTMLFormElement, drafts: Kept[]): void {
  if (drafts.length === 0) return;
  drafts.sort((one, other) => typedAt(other) - typedAt(one));
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = "unsaved";
  input.value = JSON.stringify(drafts);
  form.append(input);
}

function typedAt([, draft]: Kept): number {
  try {
    return (JSON.parse(draft) as Draft).typed ?? 0;
  } catch {
    return 0;
  }
}

/** Whose page this is, by their number. */
function person(): string | undefined {
  return document.querySelector<HTMLElement>("[data-person]")?.dataset.person;
}

/** Takes back what was handed over, once in a tab. */
export async function takeBack(): Promise<void> {
  const owner = person();
  if (!owner || sessionStorage.getItem(ASKED) === owner) return;
  try {
    const response = await fetch("/unsaved", { credentials: "same-origin", headers: { "X-Unasked": "1" } });
    if (!response.ok) return;
    const drafts = ((await response.json()) as Kept[]).filter(([key]) => key.startsWith(PREFIX));
    sessionStorage.setItem(ASKED, owner);
    if (drafts.length === 0) return;
    for (const [key, draft] of drafts) if (sessionStorage.getItem(key) === null) sessionStorage.setItem(key, draft);
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
    await fetch("/unsaved/removal", { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": token } });
    const form = document.querySelector<HTMLFormElement>("form[data-guard]");
    if (drafts.some(([key]) => key === PREFIX + address().pathname) && form && !isDirty(form)) {
      // Else leaving the page would keep the form as it stands, in place of the draft.
      form.removeAttribute("data-guard");
      return location.reload();
    }
    const place = drafts[0]?.[0].slice(PREFIX.length) ?? "/";
    showNote(said("What you had typed and not saved when you signed out is kept."), said("Open"), () => visit(place));
  } catch {
    // Without a connection it waits.
  }
}

function putBack(form: HTMLFormElement, draft: Draft, wanted: (name: string) => boolean): void {
  rememberValues(form);
  put(form, draft, wanted);
}

/**
 * Puts what was typed over an older version into the form as it is now: only what was typed, and as
 * of that version, so that what others changed meanwhile is seen beside it. False where nothing was.
 */
function putOver(form: HTMLFormElement, draft: Draft): boolean {
  const input = form.querySelector<HTMLInputElement>("input[name=version]");
  if (!input || !draft.saved) return false;
  const saved = new Map(draft.saved);
  const typed = (name: string): string => JSON.stringify(draft.values.filter(([own]) => own === name).map(([, value]) => value));
  // What was saved on leaving the page is stored by now.
  const present = formValues(form);
  const isUnsaved = (name: string): boolean => typed(name) !== saved.get(name) && typed(name) !== present.get(name);
  const names = new Set([...saved.keys()].filter(isUnsaved));
  if (names.size === 0) {
    forget();
    return false;
  }
  putBack(form, draft, (name) => names.has(name));
  for (const name of names) savedValues(form).set(name, saved.get(name) ?? "");
  input.value = draft.version;
  form.dataset.behind = "";
  return true;
}

let timer: ReturnType<typeof setTimeout> | undefined;

function keepSoon(event: Event): void {
  if (!(event.target as HTMLInputElement).form?.matches("form[data-guard]")) return;
  clearTimeout(timer);
  timer = setTimeout(keep, 300);
}

/** Keeps what stands in the form now. */
export function keep(): void {
  clearTimeout(timer);
  const form = document.querySelector<HTMLFormElement>("form[data-guard]");
  if (!form || signingOut) return;
  if (!isDirty(form)) return forget();
  const values: Draft["values"] = [];
  for (const element of form.elements) {
    if (element instanceof HTMLSelectElement) {
      for (const option of element.selectedOptions) values.push([element.name, option.value, option.textContent ?? ""]);
    } else if (element instanceof HTMLInputElement) {
      if (["file", "submit", "password"].includes(element.type) || !element.name || element.name === "csrf") continue;
      if (element.type === "checkbox" && !element.checked) continue;
      values.push([element.name, element.value, ""]);
    } else if (element instanceof HTMLTextAreaElement) {
      values.push([element.name, element.value, ""]);
    }
  }
  leaveToOwner();
  try {
    const draft: Draft = { version: version(form), values, saved: [...savedValues(form)], typed: Date.now() };
    sessionStorage.setItem(PREFIX + address().pathname, JSON.stringify(draft));
  } catch {
    // Without room the form still works; only the reload is not covered.
  }
}

function read(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + address().pathname) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function forget(): void {
  sessionStorage.removeItem(PREFIX + address().pathname);
}

function forgetAll(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

/** Forgets what somebody else typed. A page that names nobody, such as the sign-in, says nothing of who comes next. */
function leaveToOwner(): void {
  const owner = person();
  if (!owner || sessionStorage.getItem(OWNER) === owner) return;
  forgetAll();
  sessionStorage.setItem(OWNER, owner);
}

/** A draft belongs to the row version it was typed over. */
function version(form: HTMLFormElement): string {
  return form.querySelector<HTMLInputElement>("input[name=version]")?.value ?? "new";
}

function put(form: HTMLFormElement, draft: Draft, wanted: (name: string) => boolean): void {
  for (const element of form.elements) {
    if (!("name" in element) || !element.name || !wanted(element.name as string)) continue;
    const own = draft.values.filter(([name]) => name === element.name);
    if (element instanceof HTMLSelectElement) {
      for (const option of element.options) option.selected = false;
      for (const [, value, label] of own) {
        if (![...element.options].some((option) => option.value === value)) element.append(new Option(label, value));
        for (const option of element.options) if (option.value === value) option.selected = true;
      }
    } else if (element instanceof HTMLInputElement) {
      // What may have been sent already is sent under the same key.
      if (element.name === "once" && own[0]) element.value = own[0][1];
      if (["file", "submit", "hidden", "password"].includes(element.type)) continue;
      if (element.type === "checkbox") element.checked = own.some(([, value]) => value === element.value);
      else if (own[0]) element.value = own[0][1];
    } else if (element instanceof HTMLTextAreaElement && own[0]) {
      element.value = own[0][1];
    }
  }
}
