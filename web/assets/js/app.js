// Filo Diretto, staff pages. Each module adds one ability to a page that works
// without it; none needs another one to be there.
import * as agenda from "./agenda.js";
import * as composer from "./composer.js";
import * as counter from "./counter.js";
import * as earlier from "./earlier.js";
import * as frame from "./frame.js";
import * as keys from "./keys.js";
import * as list from "./list.js";
import * as live from "./live.js";
import * as menu from "./menu.js";
import * as palette from "./palette.js";
import * as session from "./session.js";
import * as settings from "./settings.js";
import * as texts from "./texts.js";
import * as upload from "./upload.js";
import * as page from "./page.js";

for (const part of [session, page, menu, list, frame, earlier, composer, texts, upload, palette, keys, live, counter, agenda, settings]) {
  part.start();
}
