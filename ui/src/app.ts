// The one script of all pages. Pages work as plain HTML; each module adds one comfort.
import htmx from "htmx.org";
import { enhanceChoices } from "./choices";
import { startCommands } from "./commands";
import { startDialogs } from "./dialogs";
import { restoreDrafts, startDrafts } from "./drafts";
import { startFiles } from "./files";
import { startForms } from "./form";
import { startGrids } from "./grid";
import { enhanceLookups } from "./lookup";
import { startMenus } from "./menus";
import { startNumbers } from "./numbers";
import { startPasskeys } from "./passkeys";
import { startReveal } from "./reveal";
import { startSearch } from "./search";
import { startStages } from "./stages";
import { growTextAreas } from "./textarea";
import { startTheme } from "./theme";
import { startToasts } from "./toasts";
import { rememberZone } from "./zone";

rememberZone();
startForms();
restoreDrafts();
startDrafts();
startFiles();
startReveal();
startTheme();
startMenus();
startCommands();
startDialogs();
startGrids();
startNumbers();
startPasskeys();
startSearch();
startStages();
startToasts();

// For the page and for every fragment that arrives later.
htmx.onLoad((element) => {
  const root = element as HTMLElement;
  enhanceLookups(root);
  enhanceChoices(root);
  growTextAreas(root);
});
