// The designer of process flows: its script is fetched where a page has one.
import htmx from "htmx.org";
import { all } from "./dom";

export function startDesigner(root: HTMLElement): void {
  for (const designer of all(root, "[data-designer][data-script]")) {
    const address = designer.dataset.script ?? "";
    delete designer.dataset.script;
    // Without it everything can still be moved by its buttons.
    import(address).then(
      ({ start }) => start(designer, (path: string, to: number) => htmx.ajax("post", path, { source: designer, target: "#designer", swap: "outerHTML", values: { to: String(to) } })),
      () => undefined,
    );
  }
}
