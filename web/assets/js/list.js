// The list of cases: one tab stop (roving tabindex), marks for the open case,
// the number of chosen ones, focus after a case was opened or closed.
import { all, narrow, one, say } from "./dom.js";

const links = () => all("#rows .case");

/** The row that has the focus, or the open one, or the first. */
export function current() {
  return one("#rows .case:focus") ?? one("#rows .case[aria-current]") ?? links()[0] ?? null;
}

function rove(link) {
  for (const other of links()) {
    other.tabIndex = other === link ? 0 : -1;
    const box = one(".tick", other.parentElement);
    if (box) box.tabIndex = other === link ? 0 : -1;
  }
}

/** Sets up the rows again after some were added or changed. */
export function refresh() {
  rove(current());
}

/** Moves the focus along the rows of a page that has another list. */
function step(rows, by) {
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

/** Moves the focus by some rows. */
export function move(by) {
  const rows = links();
  if (rows.length === 0) return step(all("[data-row]"), by);
  const at = rows.indexOf(one("#rows .case:focus"));
  const target = rows[at < 0 ? Math.max(0, rows.indexOf(current())) : Math.min(rows.length - 1, Math.max(0, at + by))];
  rove(target);
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

/** Chooses or unchooses the row that has the focus. */
export function mark() {
  const box = one(".tick", current()?.parentElement ?? document);
  box?.click();
}

function count() {
  const bulk = one("#bulk");
  if (!bulk) return;
  const n = all("#rows .tick:checked").length;
  one(".bulk-count", bulk).textContent = n === 0 ? "" : n === 1 ? bulk.dataset.single : bulk.dataset.many.replace("#", n);
}

/** Marks the row of the case that is open. */
export function sync() {
  const number = one("#work")?.dataset.number;
  for (const link of links()) {
    const on = number !== undefined && link.parentElement.dataset.number === number;
    if (on) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (on) link.parentElement.classList.remove("unread");
  }
  refresh();
}

/**
 * A case opens at the last word of the citizen, from its beginning, unless somebody
 * wrote after it; what the program sent by itself does not count. In a low window the
 * case scrolls as one, and begins at its newest entry else.
 */
function newest() {
  const pane = one("#case");
  if (!pane) return;
  const said = all("#timeline > li:has(> .msg:not(.msg-auto))").at(-1);
  if (said?.querySelector(":scope > .msg:not(.msg-out, .msg-note)")) {
    const scroller = getComputedStyle(pane).overflowY === "auto" ? pane : one(".story");
    const above = said.getBoundingClientRect().top < scroller.getBoundingClientRect().top;
    if (scroller === pane) said.scrollIntoView({ block: "center" });
    else if (above) said.scrollIntoView({ block: "start" });
  } else if (getComputedStyle(pane).overflowY === "auto") one("#timeline > li:last-child")?.scrollIntoView({ block: "center" });
}

/**
 * A row may leave the list between the press and the answer; the answer would then
 * come in as a whole page, since what the list says of it is asked only now.
 */
function onAnswer(e) {
  const link = e.detail.requestConfig?.elt;
  if (e.detail.target?.id !== "work" || !link?.matches?.(".case") || link.isConnected) return;
  e.detail.selectOverride = "#work";
  e.detail.swapOverride = "outerHTML show:none";
}

let leaving = null; // the row to go to once its neighbour was closed or put off

function onSwap(e) {
  if (e.target.id !== "work") return;
  sync();
  const title = one("#case-title");
  if (title) {
    document.title = `${one("#work").dataset.number} · Filo Diretto`;
    say(title.textContent);
    newest();
  }
  if (leaving) {
    leaving.focus();
    leaving = null;
  } else if (narrow() || !e.detail.requestConfig?.elt?.matches?.(".case")) {
    title?.focus();
  }
}

function onRequest(e) {
  const form = e.detail.elt;
  if (!form.matches?.("form[action$='/close'], form[action$='/snooze']")) return;
  const rows = links();
  const at = rows.findIndex((link) => link.hasAttribute("aria-current"));
  leaving = rows[at + 1] ?? rows[at - 1] ?? null;
}

/** Starts the module. */
export function start() {
  newest();
  if (!one("#rows")) return;
  refresh();
  one("#rows .case[aria-current]")?.scrollIntoView({ block: "nearest" });
  document.addEventListener("focusin", (e) => {
    if (e.target.matches?.("#rows .case")) rove(e.target);
  });
  document.addEventListener("keydown", (e) => {
    if (!e.target.matches?.("#rows .case")) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[e.key];
    if (step === undefined) return;
    move(step === Infinity ? links().length : step === -Infinity ? -links().length : step);
    e.preventDefault();
  });
  document.addEventListener("change", (e) => { if (e.target.matches?.("#rows .tick")) count(); });
  document.addEventListener("reset", (e) => { if (e.target.id === "bulk") setTimeout(count); });
  document.body.addEventListener("htmx:beforeRequest", onRequest);
  document.body.addEventListener("htmx:beforeSwap", onAnswer);
  document.body.addEventListener("htmx:afterSettle", onSwap);
}
