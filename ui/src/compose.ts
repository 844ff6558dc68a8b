// A way to a record that begins with something new on its timeline: `/leads/…#new-phonecall`.
import htmx from "htmx.org";
import { onPage, readdress } from "./visits";

export function startComposing(): void {
  onPage(() => {
    const kind = /^#new-(\w+)$/.exec(location.hash)?.[1];
    if (!kind) return;
    readdress(location.pathname + location.search);
    const opener = document.querySelector<HTMLElement>(`[data-compose][hx-get$="/new/${kind}"]`);
    if (!opener) return;
    htmx.process(opener);
    opener.click();
  });
}
