// Dragging by mouse and touch, fetched once a board stands. What is dragged to the edge of something that
// scrolls scrolls it.
import Sortable, { AutoScroll } from "sortablejs/modular/sortable.core.esm.js";

Sortable.mount(new AutoScroll());

export default Sortable;
