// What was typed into a record's form and not saved survives a reload, also after the server
// refused it: it is kept for this tab under the form's address, and put back when the page comes
// again. It belongs to whoever typed it, and leaves all tabs of the browser when they sign out in one,
// for the server to keep until they are back; it leaves a tab when somebody else signs in there. A
// session that has merely ended leaves it for them to come back to. Short forms: `shortdrafts.ts`.
import htmx from "htmx.org";
import { all, closest } from "./dom";
import { forgetDraft, giveUpDrafts, keepForm, leaveToOwner, newestFirst, person, putDraft, readDraft, takeIn, typedValue, version, type Draft, type Kept } from "./draftstore";
import { formValues, isDirty, rememberValues, savedValues } from "./form";
import { bringBack, keepShort, openShort, settleShort } from "./shortdrafts";
import { formAddress, isHere } from "./shortnames";
import { showNote } from "./toasts";
import { address, onLeave, onPage, visit } from "./visits";
import { said } from "./words";

/** Between the tabs of a browser: somebody signs out, and the drafts of another tab of theirs. */
type Word = { signsOut: string } | { of: string; drafts: Kept[] };

/** Whom the server was asked for what it keeps for them. */
const ASKED = "unsaved asked";
/** How long a tab that signs out waits for the drafts of the others, in milliseconds. */
const ANSWERED = 200;
const tabs = new BroadcastChannel("drafts");
/** Drafts of other tabs, while this one gathers them. */
let others: Kept[] | undefined;

/** Before anything else looks at the form: lookups are drawn from what stands in it. */
export function restoreDrafts(): void {
  onPage(restore);
}

function restore(): void {
  leaveToOwner();
  for (const form of all<HTMLFormElement>(document, "form[data-guard]")) {
    const draft = readDraft(address().pathname);
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
  settleShort();
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
  keepShort();
  const drafts = giveUpDrafts();
  sessionStorage.removeItem(ASKED);
  return drafts;
}

/** Sends drafts along with the signing out, the newest first. */
function handOver(form: HTMLFormElement, drafts: Kept[]): void {
  if (drafts.length === 0) return;
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = "unsaved";
  input.value = JSON.stringify(newestFirst(drafts));
  form.append(input);
}

/** Takes back what was handed over, once in a tab. */
export async function takeBack(): Promise<void> {
  const owner = person();
  if (!owner || sessionStorage.getItem(ASKED) === owner) return;
  try {
    const response = await fetch("/unsaved", { credentials: "same-origin", headers: { "X-Unasked": "1" } });
    if (!response.ok) return;
    const names = takeIn((await response.json()) as Kept[]);
    sessionStorage.setItem(ASKED, owner);
    if (names.length === 0) return;
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
    await fetch("/unsaved/removal", { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": token } });
    tellTakenBack(names);
  } catch {
    // Without a connection it waits.
  }
}

function tellTakenBack(names: string[]): void {
  const form = document.querySelector<HTMLFormElement>("form[data-guard]");
  if (names.includes(address().pathname) && form && !isDirty(form)) {
    // Else leaving the page would keep the form as it stands, in place of the draft.
    form.removeAttribute("data-guard");
    return location.reload();
  }
  bringBack();
  const elsewhere = names.find((name) => !isHere(name));
  if (elsewhere === undefined) return;
  const open = (): void => (formAddress(elsewhere) === undefined ? visit(elsewhere) : openShort(elsewhere));
  showNote(said("What you had typed and not saved when you signed out is kept."), said("Open"), open);
}

function putBack(form: HTMLFormElement, draft: Draft, wanted: (name: string) => boolean): void {
  rememberValues(form);
  putDraft(form, draft, wanted);
}

/**
 * Puts what was typed over an older version into the form as it is now: only what was typed, and as
 * of that version, so that what others changed meanwhile is seen beside it. False where nothing was.
 */
function putOver(form: HTMLFormElement, draft: Draft): boolean {
  const input = form.querySelector<HTMLInputElement>("input[name=version]");
  if (!input || !draft.saved) return false;
  const saved = new Map(draft.saved);
  const typed = (name: string): string => typedValue(draft, name);
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
  if (!form) return;
  if (isDirty(form)) keepForm(address().pathname, form);
  else forget();
}

function forget(): void {
  forgetDraft(address().pathname);
}
