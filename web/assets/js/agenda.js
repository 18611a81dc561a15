// The agenda: arrows go from day to day and from slot to slot, as in a calendar. All
// of it are links and forms, and works without this.
import { all, one, typing } from "./dom.js";

const stops = () => all("#agenda [data-slot]").filter((el) => el.offsetParent !== null);

/** Moves the focus to the next slot or appointment; the first one when none has it. */
function move(step) {
  const list = stops();
  if (list.length === 0) return false;
  const at = list.findIndex((el) => el === document.activeElement);
  const open = list.findIndex((el) => el.getAttribute("aria-current") === "true");
  const from = at >= 0 ? at : open >= 0 ? open - Math.max(step, 0) + (step < 0 ? 1 : 0) : step > 0 ? -1 : list.length;
  const next = list[Math.min(Math.max(from + step, 0), list.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function onKey(e) {
  if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || typing(e.target)) return;
  if (document.body.dataset.keys !== "on" || one("dialog[open], details.menu[open]")) return;
  const acts = {
    ArrowLeft: () => one('#agenda [data-step="-1"]')?.click(),
    ArrowRight: () => one('#agenda [data-step="1"]')?.click(),
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
  };
  if (!acts[e.key] || e.target.closest?.("[role=listbox], .scroll-x")) return;
  e.preventDefault();
  acts[e.key]();
}

export function start() {
  if (!one("#agenda")) return;
  document.addEventListener("keydown", onKey);
  for (const button of all("#agenda [data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  // what was just opened is where one goes on
  const opened = one("#agenda #c-why") ?? one("#agenda .agenda-times button") ?? one("#agenda #t-open");
  if (opened && !one("#faults") && !one("#flash .flash")) opened.focus();
}
