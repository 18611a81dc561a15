// Earlier messages of a case are put above those that are read, which stay where
// they are on the screen.
import { all, one, say } from "./dom.js";

let below = 0; // how far the end of the story is from the top of what is seen

/** A day that was begun above and goes on below has its name once. */
function joinDays() {
  const seen = new Set();
  for (const day of all("#timeline > .day[id]")) {
    if (seen.has(day.id)) day.remove();
    seen.add(day.id);
  }
}

/** Starts the module. */
export function start() {
  document.body.addEventListener("htmx:beforeSwap", (e) => {
    const story = e.target.id === "older-entries" && e.target.closest(".story");
    if (!story || !e.detail.shouldSwap) return;
    below = story.scrollHeight - story.scrollTop;
    const read = one("[data-read]", e.target)?.dataset.read ?? "";
    const first = e.target.nextElementSibling;
    const done = () => {
      joinDays();
      story.scrollTop = story.scrollHeight - below;
      (one("#older-entries a") ?? story).focus({ preventScroll: true });
      say(read);
    };
    // the place that htmx tells of is gone with the swap: watch the list itself
    new MutationObserver((_, watch) => {
      watch.disconnect();
      if (first?.isConnected) done();
    }).observe(one("#timeline"), { childList: true });
  });
}
