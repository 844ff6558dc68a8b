// Long lists of fixed values: a box that narrows them while one types, over the plain select.
import TomSelect from "tom-select/base";
import { behaveAsCombobox } from "./combobox";
import { all, offPage } from "./dom";
import { said } from "./words";

export function enhanceChoices(root: HTMLElement): void {
  for (const select of all<HTMLSelectElement>(root, "select[data-search-choice]")) {
    if (!("tomselect" in select)) offPage(select, () => enhance(select));
  }
}

function enhance(select: HTMLSelectElement): void {
  const label = document.querySelector(`label[for="${select.id}"]`)?.textContent?.replace(/[*+].*$/, "").trim() ?? "";
  const described = select.getAttribute("aria-describedby");
  select.setAttribute("aria-hidden", "true"); // people meet the text box that stands for it
  const box: TomSelect = new TomSelect(select, {
    maxItems: 1,
    maxOptions: null,
    refreshThrottle: 0,
    searchField: ["text"],
    allowEmptyOption: true,
    closeAfterSelect: true,
    selectOnTab: true,
    sortField: [{ field: "$score" }, { field: "$order" }],
    render: {
      no_results: () => {
        const note = document.createElement("div");
        note.className = "lookup-note";
        note.textContent = said("No match. Try fewer letters.");
        return note;
      },
    },
    onInitialize(this: TomSelect) {
      this.control_input.setAttribute("aria-label", label);
      if (described) this.control_input.setAttribute("aria-describedby", described);
      this.wrapper.classList.add("is-choice");
    },
    onFocus(this: TomSelect) {
      this.wrapper.classList.add("is-open");
    },
    onBlur(this: TomSelect) {
      this.wrapper.classList.remove("is-open", "is-searching");
    },
    onType(this: TomSelect, typed: string) {
      this.wrapper.classList.toggle("is-searching", typed !== "");
    },
    onItemAdd(this: TomSelect) {
      this.wrapper.classList.remove("is-searching");
    },
  });
  behaveAsCombobox(box, false);
}
