// The one script of all pages. Pages work as plain HTML; each module adds one comfort.
import htmx from "htmx.org";
import { startBoards } from "./boards";
import { enhanceChoices } from "./choices";
import { startCommands } from "./commands";
import { startDialogs } from "./dialogs";
import { restoreDrafts, startDrafts, takeBack } from "./drafts";
import { startFiles } from "./files";
import { startForms } from "./form";
import { startGrids } from "./grid";
import { startLive } from "./live";
import { enhanceLookups } from "./lookup";
import { startMenus } from "./menus";
import { startNumbers } from "./numbers";
import { startPalette } from "./palette";
import { startPasskeys } from "./passkeys";
import { startRecent } from "./recent";
import { startReveal } from "./reveal";
import { startShortcuts } from "./shortcuts";
import { startStages } from "./stages";
import { growTextAreas } from "./textarea";
import { startTheme } from "./theme";
import { startTimeline } from "./timeline";
import { startToasts } from "./toasts";
import { startTrail } from "./trail";
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
startRecent();
startPalette();
startShortcuts();
startTrail();
startTimeline();
startStages();
startToasts();
startLive();
void takeBack();

// For the page and for every fragment that arrives later.
htmx.onLoad((element) => {
  const root = element as HTMLElement;
  startBoards(root);
  enhanceLookups(root);
  enhanceChoices(root);
  growTextAreas(root);
});
