// Commands that post without a form of their own, and "reload".
import { closest, post } from "./dom";
import { selectedRows } from "./selection";

export function startCommands(): void {
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-reload]")) location.reload();

    const command = closest(event, "[data-post]");
    const action = command?.dataset.post;
    if (!command || !action) return;
    const question = command.dataset.confirm;
    if (question && !window.confirm(question)) return;
    post(action, selectedRows(command));
  });
}
