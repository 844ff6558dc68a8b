// What was typed into the panel of a stage and stands in no field of the record's form, whose draft brings back the rest
// (`drafts.ts`), survives a reload, too: it is there when the panel is opened again, which says so.
import type TomSelect from "tom-select/base";
import { all } from "./dom";
import { forgetDraft, keepForm, putDraft, readDraft, typedNames, valuesOf, version, type Draft } from "./draftstore";
import { isDirty } from "./form";
import { tellBack } from "./shortdrafts";
import { address } from "./visits";

let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps what stands in the panel, while something of it is not saved. */
export function keepStage(form: HTMLFormElement): void {
  clearTimeout(timer);
  if (isDirty(form)) keepForm(nameOf(form), form);
  else forgetDraft(nameOf(form));
}

export function keepStageSoon(form: HTMLFormElement): void {
  clearTimeout(timer);
  timer = setTimeout(() => keepStage(form), 300);
}

/** It is saved, or not wanted any more. */
export function forgetStage(form: HTMLFormElement): void {
  clearTimeout(timer);
  forgetDraft(nameOf(form));
}

/** Puts back what was typed into the panel alone, once it has arrived. */
export function putStageBack(form: HTMLFormElement, record: HTMLFormElement | null): void {
  const draft = readDraft(nameOf(form));
  if (!draft) return;
  const own = new Set([...typedNames(draft)].filter((name) => !record?.elements.namedItem(name)));
  if (own.size === 0) return;
  const before: Draft = { version: version(form), values: valuesOf(form) };
  put(form, draft, own);
  tellBack(form, draft.files ?? [], () => {
    put(form, before, own);
    forgetStage(form);
  });
}

function put(form: HTMLFormElement, draft: Draft, names: Set<string>): void {
  putDraft(form, draft, (name) => names.has(name));
  for (const select of all<HTMLSelectElement & { tomselect?: TomSelect }>(form, "select")) select.tomselect?.sync();
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function nameOf(form: HTMLFormElement): string {
  return `${address().pathname}#${form.getAttribute("action") ?? ""}`;
}
