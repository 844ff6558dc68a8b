// Parts of pages that are asked for because something changed, not because somebody did something.

/** The part at an address as a document of its own; null where it cannot be had just now. */
export async function ask(address: string): Promise<Document | null> {
  try {
    const headers = { "HX-Request": "true", "X-Unasked": "1" };
    const response = await fetch(address, { headers, credentials: "same-origin", cache: "no-store" });
    if (!response.ok) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

/** An address with further parameters. */
export function withParameters(address: string, parameters: [string, string][]): string {
  const url = new URL(address, location.href);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  return url.pathname + url.search;
}

/** Runs `work` one at a time: called while it runs, it runs once more afterwards. */
export function oneAtATime(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    again = running;
    if (running) return;
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again as boolean);
    } finally {
      running = false;
    }
  };
  return () => void run();
}
