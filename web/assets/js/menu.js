// Menus are <details class="menu">: they open without this module, which
// closes them again and moves the focus as people expect.
import { all, one } from "./dom.js";

const first = "input:not([type=hidden]), select, textarea, button, a";

/** Opens a menu and goes to its first control, or to that of a part of it. */
export function open(menu, part) {
  menu.open = true;
  const room = part ? one(`[data-menu-part="${part}"]`, menu) : one(".menu-in", menu);
  const target = room && (all("input:checked", room)[0] ?? all(first, room).find((el) => el.offsetParent !== null));
  target?.focus();
}

function closeAll(but) {
  for (const menu of all("details.menu[open]")) {
    if (menu !== but && !menu.contains(but)) menu.open = false;
  }
}

/** Closes the menu that is open, if any, and gives the focus back. */
export function close() {
  const menu = all("details.menu[open]").pop();
  if (!menu) return false;
  menu.open = false;
  one("summary", menu).focus();
  return true;
}

function onKey(e) {
  const room = e.target.closest?.(".menu-list");
  if (!room || (e.key !== "ArrowDown" && e.key !== "ArrowUp")) return;
  const items = all("a, button", room);
  const at = items.indexOf(e.target) + (e.key === "ArrowDown" ? 1 : -1);
  items[(at + items.length) % items.length]?.focus();
  e.preventDefault();
}

/** Starts the module. */
export function start() {
  document.addEventListener("toggle", (e) => {
    if (e.target.matches?.("details.menu") && e.target.open) closeAll(e.target);
  }, true);
  document.addEventListener("pointerdown", (e) => closeAll(e.target.closest("details.menu")));
  document.addEventListener("keydown", onKey);
  // leaving a menu with Tab closes it
  document.addEventListener("focusin", (e) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
  });
}
