// The counter and the live room: what changes there is asked for again, without
// touching what somebody writes. All acts are forms and work without this.
import { fragment, one, replace } from "./dom.js";

/** Whether somebody writes in the part, or has opened something in it. */
function busy(part) {
  const at = document.activeElement;
  return [...part.querySelectorAll("textarea, input[type=search], input[name=subject]")].some((el) => el.value !== el.defaultValue)
    || (part.contains(at) && at.matches("textarea, input, select"))
    || part.querySelector("details[open]") !== null;
}

const parts = [
  { id: "#desk", url: (el) => `/counter/${el.dataset.desk}/desk` },
  { id: "#room", url: (el) => `/queue/${el.dataset.site}/live` },
];

/** Puts a fresh element in the place of the old one; who stood on a button of it stands there again. */
function swap(fresh) {
  const old = document.getElementById(fresh.id);
  const focused = old?.contains(document.activeElement) ? document.activeElement.getAttribute("data-key") : null;
  replace(fresh);
  if (focused) one(`#${fresh.id} [data-key="${focused}"]`)?.focus();
}

async function renew(part) {
  const before = one(part.id);
  if (!before) return;
  const found = await fragment(part.url(before));
  const el = one(part.id);
  if (!el) return;
  part.late = busy(el); // when the work is done, the answer of the form shows all
  if (found === null) {
    if (!part.late) location.assign("/counter"); // left in another tab
    return;
  }
  const fresh = one(part.late ? "#told" : part.id, found); // what devices tell does not wait
  if (fresh) swap(fresh);
}

export function start() {
  const part = parts.find((p) => one(p.id)?.dataset.site);
  const site = part && one(part.id).dataset.site;
  if (!part || site === "0") return;
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await renew(part);
    } catch {
      // the stream tells again
    }
    running = false;
    if (again) {
      again = false;
      run();
    }
  };
  const source = new EventSource(`/queue/${site}/events`);
  source.addEventListener("room", run);
  addEventListener("pagehide", () => source.close());
  document.addEventListener("focusout", () => { if (part.late) run(); });
  // the offer to undo goes when its time is over, whatever the hour is on this machine
  let offer = null;
  let shown = 0;
  setInterval(() => {
    const undo = one("#desk .take-back");
    if (undo !== offer) {
      offer = undo;
      shown = performance.now();
    } else if (undo && performance.now() - shown > Number(undo.dataset.left)) {
      undo.remove();
    }
  }, 1000);
}
