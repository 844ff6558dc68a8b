// The one script of all pages. Pages work as plain HTML; each module adds one comfort.
import htmx from "htmx.org";
import { startCommands } from "./commands";
import { startDialogs } from "./dialogs";
import { startForms } from "./form";
import { startGrids } from "./grid";
import { enhanceLookups } from "./lookup";
import { startMenus } from "./menus";
import { startNumbers } from "./numbers";
import { startSearch } from "./search";
import { growTextAreas } from "./textarea";
import { startTheme } from "./theme";
import { startToasts } from "./toasts";
import { rememberZone } from "./zone";

rememberZone();
startTheme();
startMenus();
startCommands();
startDialogs();
startForms();
startGrids();
startNumbers();
startSearch();
startToasts();

// For the page and for every fragment that arrives later.
htmx.onLoad((element) => {
  const root = element as HTMLElement;
  enhanceLookups(root);
  growTextAreas(root);
});
