// Live pages. An event says only that something changed; the page asks for
// the truth again, at most once a second for each thing but the rows of the list.
import * as composer from "./composer.js";
import { all, atMost, fragment, hush, one, replace, say, text, toast } from "./dom.js";
import * as frame from "./frame.js";
import * as list from "./list.js";
import { listen } from "./stream.js";

const mostRows = 100; // longer lists do not grow by themselves
const mostAtOnce = 8; // rows asked for in one round; more are shown as arrivals unasked
const calm = 120; // milliseconds from one round to the next: a mail shows at once
const crowded = 1000; // the same after a round in which many changed, so that a flood makes no flood of questions
const many = 4;

const view = () => one("#list")?.dataset.view;
const waiting = new Set(); // numbers whose row must be asked for
const arrived = new Set(); // numbers behind the bar

/**
 * Puts a fresh row in place, keeping what people did to the old one. Its link is the
 * same as before: its case may just be being opened.
 */
function putRow(old, fresh) {
  const focused = old.contains(document.activeElement); // a link that moves loses it
  const rises = when(fresh) > when(old) && still(); // the time stands in the link
  const box = one(".tick", fresh);
  if (box) box.checked = one(".tick", old)?.checked ?? false;
  const [link, next] = [one(".case", old), one(".case", fresh)];
  link.href = next.href;
  link.replaceChildren(...next.childNodes);
  next.replaceWith(link);
  fresh.classList.add("fresh");
  fresh.dataset.at = performance.now();
  old.replaceWith(fresh);
  if (rises) one("#rows").insertBefore(fresh, place(fresh));
  window.htmx?.process(fresh);
  list.sync();
  if (focused) one(".case", fresh)?.focus();
}

/**
 * Whether rows may move by themselves: a list by activity, from its beginning,
 * that nobody points at or chooses from. The focus moves with its row.
 */
function still() {
  const list = one("#list");
  return list?.dataset.order === "recent" && !new URLSearchParams(location.search).has("before") &&
    one("#rows-body").scrollTop === 0 && !list.matches(":hover") && !one(".tick:checked", list) && all("#rows .row").length < mostRows;
}

const when = (li) => Date.parse(one("time", li)?.dateTime ?? "");

/** Where the row of a case belongs: before the first that is older, else at the end. */
const place = (li) => all("#rows .row").find((other) => other !== li && !(when(other) > when(li))) ?? one("#rows > .older");

/** Shows a case that is new to the list. */
function addRow(fresh) {
  fresh.classList.add("fresh");
  fresh.dataset.at = performance.now();
  if (all("#rows .row").length === 0) one("#rows-body .empty")?.remove();
  one("#rows").insertBefore(fresh, place(fresh));
  window.htmx?.process(fresh);
  list.sync();
  say(text("row"));
}

/** A row that left the view goes away when the pointer is not on the list. */
function dropRow(old) {
  old.classList.add("gone");
  const rows = one("#rows-body");
  const go = () => {
    if (old.contains(document.activeElement)) list.move(1);
    old.remove();
    list.refresh();
  };
  if (rows.matches(":hover")) rows.addEventListener("pointerleave", go, { once: true });
  else go();
}

async function row(number) {
  const old = one(`#rows [data-number="${CSS.escape(number)}"]`);
  const found = await fragment(`/cases/row?view=${view()}&number=${encodeURIComponent(number)}`);
  const fresh = found && one("li.row", found);
  if (old && fresh) putRow(old, fresh);
  else if (old && one("#work")?.dataset.number !== number) dropRow(old);
  else if (!old && fresh && still()) addRow(fresh);
  else if (!old && fresh) arrive(number);
}

/** What waited behind the bar comes in once nobody is at the list any more. */
function settle() {
  if (arrived.size === 0 || !still()) return;
  for (const number of arrived) waiting.add(number);
  arrived.clear();
  one("#arrivals").hidden = true;
  rows();
}

function arrive(number) {
  arrived.add(number);
  const bar = one("#arrivals");
  if (!bar) return;
  bar.textContent = arrived.size === 1 ? bar.dataset.single : bar.dataset.many.replace("#", arrived.size);
  if (bar.hidden) say(bar.textContent);
  bar.hidden = false;
}

let pace = calm;

const rows = atMost(async () => {
  const numbers = [...waiting];
  waiting.clear();
  pace = numbers.length > many ? crowded : calm;
  if (!one("#rows")) return;
  const known = numbers.filter((n) => one(`#rows [data-number="${CSS.escape(n)}"]`));
  const unknown = numbers.filter((n) => !known.includes(n));
  for (const number of [...known, ...unknown].slice(0, mostAtOnce)) await row(number).catch(() => {});
  for (const number of [...known, ...unknown].slice(mostAtOnce)) if (unknown.includes(number)) arrive(number);
}, () => pace);

/** Brings a timeline up to date entry by entry: what did not change is not touched. */
function mergeTimeline(fresh) {
  const old = one("#timeline");
  if (!old) return 0;
  let added = 0;
  let place = null;
  for (const entry of [...fresh.children]) {
    if (entry.id === "older-entries") continue; // it knows nothing of what was loaded above
    const known = document.getElementById(entry.id);
    const same = known && known.dataset.v === entry.dataset.v && (entry.dataset.v || known.isEqualNode(entry));
    if (same) {
      place = known;
      continue;
    }
    if (known) known.replaceWith(entry);
    else {
      if (place) place.after(entry);
      else old.prepend(entry);
      if (entry.dataset.v) added++;
    }
    window.htmx?.process(entry);
    frame.refresh(entry);
    place = entry;
  }
  old.dataset.last = fresh.dataset.last;
  return added;
}

/** Whether somebody is at work in an element, so that it must not change. */
const busy = (el) => el.contains(document.activeElement) || one("details[open]", el) !== null;

/** What did not arrive, as the timeline shows it now. */
const failures = () => all("#timeline .msg-fail").map((x) => x.closest("[data-v]")?.dataset.v).join();

/**
 * Asks again how the person is reached: an address that refuses is none any more. An
 * answer that is being written keeps its composer; sending it tells.
 */
async function ways(number) {
  const found = await fragment(`/cases?view=${view() ?? ""}&case=${encodeURIComponent(number)}`).catch(() => null);
  if (!found || one("#work")?.dataset.number !== number) return;
  for (const id of ["person-pane", "composer"]) {
    const fresh = found.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old || busy(old) || id === "composer" && (one("textarea", old)?.value || fresh.dataset.mode !== old.dataset.mode)) continue;
    replace(fresh);
  }
}

const openCase = atMost(async () => {
  const number = one("#work")?.dataset.number;
  if (!number || !one("#timeline")) return;
  const seen = one("#composer [name=seen]")?.value ?? "";
  const found = await fragment(`/cases/${number}/live?seen=${seen}`).catch(() => null);
  if (!found || one("#work")?.dataset.number !== number) return;
  for (const id of ["case-head", "case-banners", "alike-note"]) {
    const fresh = found.getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old && !busy(old) && !old.isEqualNode(fresh)) replace(fresh);
  }
  const failed = failures();
  const added = one("#timeline").dataset.earlier ? 0 : mergeTimeline(found.getElementById("timeline"));
  if (failures() !== failed) ways(number);
  if (added > 0) say(text("arrived"));
  const stop = found.getElementById("stop");
  if (one("#composer textarea")?.value === "") composer.see();
  else if (stop) composer.stop(stop);
}, 1000);

const counts = atMost(async () => {
  if (!one("#tally")) return;
  const found = await fragment(one("#views") ? `/cases/counts?view=${view()}` : "/shell/tally").catch(() => null);
  const tally = found?.getElementById("tally");
  if (tally) replace(tally);
  const fresh = found?.getElementById("views");
  if (fresh && !busy(one("#views"))) replace(fresh);
}, 2000);

const health = atMost(async () => {
  const found = await fragment("/shell/health").catch(() => null);
  const fresh = found?.getElementById("health");
  if (fresh) replace(fresh);
}, 1000);

function heard(name, data) {
  if (name === "counts") counts();
  else if (name === "health") health();
  else if (data.number) {
    waiting.add(data.number);
    rows();
    if (data.number === one("#work")?.dataset.number) openCase();
  }
}

let warned = 0;

/** After a break the page asks for everything it shows. */
async function back() {
  clearTimeout(warned);
  if (one(".toast")) {
    hush();
    say(text("back"));
  }
  counts();
  health();
  openCase();
  for (const li of all("#rows .row").slice(0, mostAtOnce * 4)) waiting.add(li.dataset.number);
  await newest();
  rows();
}

/** Asks for the first rows of the view and shows what has changed or is new. */
async function newest() {
  if (!one("#list") || new URLSearchParams(location.search).has("before")) return;
  const asked = performance.now();
  const page = await fragment(`/cases?view=${view()}`).catch(() => null);
  if (!page || page.querySelector("#list")?.dataset.view !== view()) return;
  for (const fresh of all("#rows .row", page)) {
    const old = document.getElementById(fresh.id);
    waiting.delete(fresh.dataset.number);
    if (!old) arrive(fresh.dataset.number);
    else if (old.textContent !== fresh.textContent && !(old.dataset.at > asked)) putRow(old, fresh);
  }
}

/** The bar shows the newest at the top of the list, and leaves the case open. */
function onArrivals(e) {
  const bar = e.target.closest?.("#arrivals");
  if (!bar || !window.htmx || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  arrived.clear();
  window.htmx.ajax("GET", bar.getAttribute("href"), { target: "#list", select: "#list", swap: "outerHTML" }).then(() => {
    list.sync();
    one("#rows .case")?.focus();
  });
}

function look() {
  const number = one("#work")?.dataset.number;
  if (!number || document.hidden) return;
  fetch(`/cases/${number}/presence`, { method: "POST", body: new URLSearchParams({ doing: "looking" }) }).catch(() => {});
}

/** Starts the module. */
export function start() {
  if (document.body.dataset.section === undefined) return;
  document.addEventListener("click", onArrivals);
  document.addEventListener("pointerout", (e) => { if (e.target.closest?.("#list") && !e.relatedTarget?.closest?.("#list")) settle(); });
  listen({
    heard,
    back,
    begun: () => {
      newest();
      openCase();
    },
    lost: () => {
      clearTimeout(warned);
      warned = setTimeout(() => toast(text("lost"), true), 4000);
    },
  });
  document.addEventListener("session:back", back);
  look();
  setInterval(look, 30000);
  document.body.addEventListener("htmx:afterSettle", (e) => {
    if (e.target.id === "work") look();
    if (e.target.id === "composer" && e.detail.requestConfig?.verb === "post") openCase();
  });
}
