declare module "sortablejs/modular/sortable.core.esm.js" {
  import Sortable, { AutoScroll } from "sortablejs";
  export { AutoScroll };
  export default Sortable;
}
