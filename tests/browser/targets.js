// What a thumb can hit: the targets of a page and their sizes (WCAG 2.2, 2.5.8).

const TARGETS = "button, a[href], input:not([type=hidden]), select, textarea, summary, [role=tab], [role=option]";

/**
 * Targets that are shown and smaller than `least` pixels in width or height, in short lines. Links within
 * a text may be, and so may what has so much room around it that its circle touches no other target's;
 * `every` names these, too. `within` is the layer that is looked at, `only` what is looked for in it.
 */
export async function smallTargets(page, least, { within = "body", only = TARGETS, every = false } = {}) {
  return page.locator(within).first().evaluate(measure, { least, only, every, TARGETS });
}

/** Runs in the page. */
function measure(root, { least, only, every, TARGETS }) {
  const isShown = (one) =>
    one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !one.closest("[aria-hidden=true], .visually-hidden, .skip-link") &&
    one.getBoundingClientRect().width > 1;
  /** What lies around a target invisibly, and belongs to it. */
  const reach = (one) => {
    const [around, { left, top, right, bottom }] = [getComputedStyle(one, "::after"), one.getBoundingClientRect()];
    if (around.content === "none" || around.position !== "absolute") return [];
    const by = (side) => Math.max(0, -parseFloat(around[side]) || 0);
    return [{ left: left - by("left"), top: top - by("top"), right: right + by("right"), bottom: bottom + by("bottom") }];
  };
  /** A tick has its words as well, and the cell of a row it stands in; what is typed into, its frame. */
  const boxOf = (one) => {
    const parts = [one, ...(one.labels ?? []), one.closest(".ts-control, .grid-select")].filter((part) => part && isShown(part));
    const rects = [...parts.map((part) => part.getBoundingClientRect()), ...reach(one)];
    const edge = (pick, side) => pick(...rects.map((rect) => rect[side]));
    const [left, top, right, bottom] = [edge(Math.min, "left"), edge(Math.min, "top"), edge(Math.max, "right"), edge(Math.max, "bottom")];
    return { left, top, right, bottom, width: right - left, height: bottom - top, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const targets = [...root.querySelectorAll(TARGETS)].filter((one) => isShown(one) && !one.disabled).map((one) => ({ one, box: boxOf(one) }));
  const isSmall = ({ box }) => Math.min(box.width, box.height) < least - 0.5;
  const isInText = ({ one }) => getComputedStyle(one).display === "inline" && [...one.parentNode.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
  const away = ({ x, y }, box) => Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const isFarFrom = (target, other) =>
    isSmall(other) ? Math.hypot(target.box.x - other.box.x, target.box.y - other.box.y) >= least : away(target.box, other.box) >= least / 2;
  const isAlone = (target) => targets.every((other) => target.one.contains(other.one) || other.one.contains(target.one) || isFarFrom(target, other));
  const line = ({ one, box }) => {
    const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent;
    return `${one.localName} “${name.trim().replace(/\s+/g, " ").slice(0, 40)}” ${Math.round(box.width)}×${Math.round(box.height)}`;
  };
  return targets.filter((target) => target.one.matches(only) && isSmall(target) && !isInText(target) && (every || !isAlone(target))).map(line);
}
