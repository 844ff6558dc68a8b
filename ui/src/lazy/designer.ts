// Stages and steps of a flow are dragged to another place by mouse and touch. The server decides, and
// answers with the flow as it is then.
import type Sortable from "sortablejs";
import type { SortableEvent } from "sortablejs";
import { all } from "../dom";

type Move = (path: string, to: number) => Promise<void>;

export async function start(designer: HTMLElement, move: Move): Promise<void> {
  const { default: Sorter } = (await import(designer.dataset.sortable ?? "")) as { default: typeof Sortable };
  for (const list of all(designer, "[data-sorted]")) Sorter.create(list, options(list.dataset.sorted ?? "", move));
}

function options(group: string, move: Move): Sortable.Options {
  return {
    group,
    handle: "[data-handle]",
    draggable: "[data-place]",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    ghostClass: "is-ghost",
    scrollSensitivity: 60,
    // A step stays in its stage: it names columns of the stage's table.
    onMove: ({ from, to }) => from === to,
    onEnd: ({ item, oldDraggableIndex, newDraggableIndex }: SortableEvent) => {
      if (newDraggableIndex === undefined || newDraggableIndex === oldDraggableIndex) return;
      void move(item.dataset.place ?? "", newDraggableIndex);
    },
  };
}
