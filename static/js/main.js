// Every page's scripts: each module looks for its own data attributes, now and after htmx.
import { autosave } from "./autosave.js";
import { choices } from "./choices.js";
import { countdown } from "./countdown.js";
import { dates } from "./dates.js";
import { drafts } from "./draft.js";
import { entry } from "./entry.js";
import { errors } from "./errors.js";
import { signHtmxRequests } from "./http.js";
import { keys } from "./keys.js";
import { palette } from "./palette.js";
import { panel } from "./panel.js";
import { progress } from "./progress.js";
import { tables } from "./table.js";
import { toasts } from "./toast.js";
import { waiting } from "./waiting.js";

signHtmxRequests();
for (const start of [panel, toasts, countdown, dates, choices, entry, drafts, autosave, errors, progress, tables, palette, keys, waiting]) start();
