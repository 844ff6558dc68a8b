// Records that may be the same as the one in a short form come after its fields, where a form that is longer than
// the screen hides them. They go up to what is said about them, which has the focus.
import htmx from "htmx.org";
import { all } from "./dom";

export function startDuplicates(): void {
  htmx.onLoad((root) => {
    for (const body of all(root as HTMLElement, "#quick-create .dialog-body")) {
      body.querySelector("[data-error-summary]")?.after(...all(body, ":scope > h3, :scope > .plain-table"));
    }
  });
}
