// Shortcuts. Single letters work outside of fields only, and can be switched
// off (WCAG 2.1.4); Ctrl-K, Ctrl-Enter and Escape always work. The list of
// them for people is in page/lists.go.
import { all, fragment, one, say, text, toast, typing } from "./dom.js";
import * as list from "./list.js";
import * as menu from "./menu.js";
import * as palette from "./palette.js";

let going = 0; // until when the letter after "g" is awaited, in milliseconds

const visible = (el) => el && el.offsetParent !== null;
const keyed = (key) => all(`[data-key="${key}"]`).find(visible);

/** Presses what the page offers for a key; false when it offers nothing. */
function press(key) {
  const target = keyed(key);
  if (!target) return false;
  if (target.matches("input")) {
    target.focus();
    target.select();
  } else if (target.closest(".composer") && target.hasAttribute("aria-current")) {
    one("#composer textarea").focus();
  } else target.click();
  return true;
}

function openMenu(name, part) {
  const found = all(`details[data-menu="${name}"]`).find((m) => visible(one("summary", m)));
  if (found) menu.open(found, part);
  return found !== undefined;
}

/** Registers the newest message that may be registered though nothing asks for it. */
function enter() {
  const link = all("[data-enter]").filter(visible).at(-1);
  if (link) link.click();
  else if (one("#timeline")) toast(text("unregistered"));
}

/** Shows all keys in a dialog, taken from the help page. */
async function help() {
  const page = await fragment("/help").catch(() => null);
  const card = page && one("#keys", page);
  if (!card) return;
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-labelledby", "t-keys");
  card.classList.remove("hide-phone");
  card.tabIndex = 0;
  dialog.append(card);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  dialog.showModal();
}

const letters = {
  j: () => list.move(1),
  k: () => list.move(-1),
  x: () => list.mark(),
  r: () => press("r"),
  n: () => press("n"),
  a: () => openMenu("a"),
  s: () => openMenu("s") || press("s"),
  e: () => openMenu("e"),
  o: () => openMenu("more", "o"),
  m: () => press("m") || openMenu("more", "m"),
  t: () => press("t") || enter(),
  v: () => press("v"),
  p: () => press("p"),
  z: () => press("z") || one(".undo .btn")?.click(),
  "/": () => press("/"),
  "?": () => help(),
  g: () => { going = Date.now() + 1500; },
};

function escape(e) {
  if (menu.close()) e.preventDefault();
  else if (typing(e.target)) {
    e.target.blur();
    list.current()?.focus();
  }
}

function onKey(e) {
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "k") {
    e.preventDefault();
    palette.open();
    return;
  }
  if (e.defaultPrevented || e.isComposing) return;
  if (e.key === "Escape") return escape(e);
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || one("dialog[open]")) return;
  if (document.body.dataset.keys !== "on") return;
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  if (going > Date.now()) {
    going = 0;
    const target = one(`[data-go="${CSS.escape(key)}"]`);
    if (target) {
      e.preventDefault();
      say(target.textContent.trim());
      target.click();
    }
    return;
  }
  const act = letters[key] ?? (/^[a-z]$/.test(key) && keyed(key) ? () => press(key) : null);
  if (!act) return;
  e.preventDefault();
  act();
}

/** Starts the module. */
export function start() {
  document.addEventListener("keydown", onKey);
}
