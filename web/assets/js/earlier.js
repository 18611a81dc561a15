// Earlier messages of a case are put above those that are read, which stay where
// they are on the screen.
import { all, one, say } from "./dom.js";

/** A day that was begun above and goes on below has its name once. */
function joinDays() {
  const seen = new Set();
  for (const day of all("#timeline > .day[id]")) {
    if (seen.has(day.id)) day.remove();
    seen.add(day.id);
  }
}

/** What scrolls an element: the story, or the whole case in a low window. */
function scroller(el) {
  for (let up = el.parentElement; up; up = up.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(up).overflowY) && up.scrollHeight > up.clientHeight) return up;
  }
  return document.scrollingElement;
}

/** Starts the module. */
export function start() {
  document.body.addEventListener("htmx:beforeSwap", (e) => {
    if (e.target.id !== "older-entries" || !e.detail.shouldSwap) return;
    const read = one("[data-read]", e.target)?.dataset.read ?? "";
    const stays = e.target.nextElementSibling?.nextElementSibling; // after the day, which may be joined
    const place = stays?.getBoundingClientRect().top;
    // the element that htmx tells of is gone with the swap: watch the list itself
    new MutationObserver((_, watch) => {
      watch.disconnect();
      joinDays();
      if (!stays?.isConnected) return;
      scroller(stays).scrollTop += stays.getBoundingClientRect().top - place;
      (one("#older-entries a") ?? one(".story")).focus({ preventScroll: true });
      say(read);
    }).observe(one("#timeline"), { childList: true });
  });
}
