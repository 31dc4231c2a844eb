// What every page loads: htmx and the small behaviours of forms, menus and keys.
// Pages work without it; nothing here decides anything.
import "./page/htmx.js";
import { watchDrafts } from "./page/drafts.js";
import { watchForms } from "./page/forms.js";
import { watchKeys } from "./page/keys.js";
import { watchMenus } from "./page/menus.js";
import { watchUploads } from "./page/uploads.js";

document.documentElement.classList.add("js");
watchForms();
watchDrafts();
watchMenus();
watchKeys();
watchUploads();
