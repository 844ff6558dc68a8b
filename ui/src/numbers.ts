// Numbers are tidied when the field is left: "1250000,5" becomes "1.250.000,50" for a German
// reader. What does not plainly read as a number in the page's locale stays as typed, for the
// server to explain: "185,000.00" must never turn into 185 because a comma means something else.
import { closest } from "./dom";

export function startNumbers(): void {
  document.addEventListener("focusout", (event) => {
    const input = closest<HTMLInputElement>(event, "input[data-number]");
    if (!input) return;
    const locale = document.body.dataset.locale || navigator.language;
    const tidy = tidied(input.value, Number(input.dataset.precision ?? "0"), locale);
    if (tidy !== null && tidy !== input.value) input.value = tidy;
  });
}

/** The number as the locale writes it, or null where the text is not plainly one. */
export function tidied(typed: string, precision: number, locale: string): string | null {
  const format = new Intl.NumberFormat(locale, {
    numberingSystem: "latn",
    minimumFractionDigits: precision,
    maximumFractionDigits: precision,
  });
  const number = read(typed, format);
  if (number === null) return null;
  // More digits than fit are for the server to refuse; rounding here would change what was typed.
  const fraction = number.split(".")[1] ?? "";
  if (fraction.replace(/0+$/, "").length > precision) return null;
  // Formatted from the text, not from a floating-point number, so that no digit is lost.
  return format.format(number as Intl.StringNumericLiteral);
}

/** The plain decimal form of a number written in a locale, or null. */
function read(typed: string, format: Intl.NumberFormat): string | null {
  const parts = format.formatToParts(-1234567.5);
  const group = parts.find((part) => part.type === "group")?.value.trim() ?? "";
  const decimal = new Intl.NumberFormat(format.resolvedOptions().locale).formatToParts(0.5).find((part) => part.type === "decimal")?.value ?? ".";
  const text = typed.trim().replace(/[\s\u00a0\u202f'’]/g, "").replace("−", "-");
  const g = /['’]/.test(group) ? "" : escaped(group);
  const grouped = g ? `\\d{1,3}(?:${g}\\d{2,3})*${g}\\d{3}|\\d*` : "\\d*";
  const match = new RegExp(`^([-+]?)(${grouped})(?:${escaped(decimal)}(\\d*))?$`).exec(text);
  if (!match) return null;
  const [, sign, whole = "", fraction = ""] = match;
  if (whole === "" && fraction === "") return null;
  const digits = (group ? whole.split(group).join("") : whole) || "0";
  return (sign === "-" ? "-" : "") + digits + (fraction ? `.${fraction}` : "");
}

function escaped(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
