// Dragging by mouse and touch, fetched once a board stands.
export { default } from "sortablejs/modular/sortable.core.esm.js";
