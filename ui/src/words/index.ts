// The texts of scripts in the language of the page. They stand in the code in English; another
// language has a file here, of which the build makes a script that its pages load before this one.

declare global {
  // By the English text.
  var pipewrightWords: Record<string, string> | undefined;
}

/** The text in the language of the page, with `{name}` standing for the value of that name. */
export function said(text: string, values: Record<string, string | number> = {}): string {
  const words = document.documentElement.lang === "en-XA" ? `⟦${text}⟧` : (globalThis.pipewrightWords?.[text] ?? text);
  return words.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
