// What the browser keeps for the person who is signed in: under their own key, so that nobody else
// who uses the browser meets it. A page that names nobody keeps and shows nothing.

export function person(): string | null {
  return document.querySelector<HTMLElement>("[data-person]")?.dataset.person ?? null;
}

/** Reads what was kept under a name. */
export function recall<T>(storage: Storage, name: string): T | null {
  const who = person();
  if (!who) return null;
  try {
    return JSON.parse(storage.getItem(`${name} ${who}`) ?? "null") as T | null;
  } catch {
    return null;
  }
}

/** Keeps something under a name; without room the page works all the same. */
export function keep(storage: Storage, name: string, value: unknown): void {
  const who = person();
  if (!who) return;
  try {
    storage.setItem(`${name} ${who}`, JSON.stringify(value));
  } catch {
    // Full or forbidden: only this comfort is missing.
  }
}
