// The composer: the draft is kept on the server while one writes, sending can
// be stopped by newer events and undone for some seconds.
import { all, atMost, fragment, later, mine, one, replace, say, text, toast } from "./dom.js";
import * as session from "./session.js";

const form = () => one("#composer");
const area = () => one("#composer textarea");
const base = (f) => `/cases/${f.dataset.number}`;

/**
 * What each form is called and how many times it was sent. By that the server
 * knows which of its texts is the newest, in whatever order they arrive, and
 * that none of them is of another window.
 */
const pens = new WeakMap();

/** The name of a form, and the number of what it sends next. */
function pen(f) {
  if (!pens.has(f)) pens.set(f, { name: crypto.getRandomValues(new Uint32Array(3)).join("-"), step: 0 });
  const own = pens.get(f);
  own.step++;
  return own;
}

/** The fields that make the draft, without files. */
function draft(f) {
  const all = new FormData(f);
  const out = new URLSearchParams();
  for (const name of ["compose", "channel", "cc", "text", "seen", "base"]) if (all.has(name)) out.set(name, all.get(name));
  const { name, step } = pen(f);
  out.set("pen", name);
  out.set("step", step);
  out.set("me", document.body.dataset.me);
  return out;
}

let unsaved = false; // something was typed that no save has taken along
let saving = null; // the save that is on its way: the next one needs what it answers

/** Whether another window has written, so that the server keeps none of what is typed here. */
const refused = () => one("#stop")?.dataset.stopped === "draft";

/** Keeps the draft, one save after the other. */
export async function save() {
  soon.cancel();
  while (saving) await saving;
  saving = keep().finally(() => { saving = null; });
  await saving;
}

/** Sends the draft and shows what the server says about it. */
async function keep() {
  const f = form();
  if (!f || session.anothers()) return;
  unsaved = false; // what is typed from here on is for the next save
  try {
    const answer = await fragment(`${base(f)}/draft`, { method: "POST", body: draft(f) });
    if (answer && form() === f) show(answer);
  } catch {
    if (form() !== f) return;
    unsaved = true;
    claim(text("unsaved"));
    if (!session.over()) soon();
  }
}

const soon = later(save, 800);

/** What is said of the draft; the base stays in the form. */
function claim(words = "") {
  const state = one("#draft-state");
  if (state) state.replaceChildren(words, ...all("input", state));
}

/** Puts a ComposerState in its places and lets the button follow. */
export function show(state) {
  for (const fresh of all("#draft-state, #stop, #read", state)) replace(fresh);
  unsaved ||= refused();
  follow();
}

/** What live.js has heard of stops; it does not know of the other window's text. */
export function stop(fresh) {
  const old = one("#stop");
  if (!old || refused() || old.contains(document.activeElement)) return;
  replace(fresh);
  follow();
}

/** The button is off, but can be reached, while something stops it. */
export function follow() {
  const button = one("#composer .tools button.send");
  if (!button) return;
  const stopped = one("#stop")?.hasAttribute("data-stopped");
  button.setAttribute("aria-disabled", String(Boolean(stopped)));
  if (stopped) button.setAttribute("aria-describedby", "stop");
  else button.removeAttribute("aria-describedby");
}

const writing = atMost(() => {
  const f = form();
  if (f) fetch(`${base(f)}/presence`, { method: "POST", headers: mine(), body: new URLSearchParams({ doing: "writing" }) }).catch(() => {});
}, 15000);

function onInput(e) {
  if (!e.target.closest?.("#composer") || e.target.type === "file") return;
  if (!unsaved) claim(); // what it says of the last save is not true of this letter
  unsaved = true;
  soon();
  if (e.target === area()) writing();
}

/** Another channel has other recipients: the form is made again. */
async function onChange(e) {
  if (!e.target.matches?.("#composer input[name=channel]")) return;
  await save();
  if (refused()) return;
  const f = form();
  window.htmx.ajax("GET", `${base(f)}/composer?compose=reply&view=${one("[name=view]", f).value}&channel=${encodeURIComponent(e.target.value)}`, { target: "#composer", swap: "outerHTML" });
}

function onSubmit(e) {
  if (e.target !== form()) return;
  const button = e.submitter;
  if (button?.getAttribute("aria-disabled") === "true") {
    e.preventDefault();
    e.stopImmediatePropagation();
    say(one("#stop")?.textContent.trim());
    one("#stop button")?.focus();
    return;
  }
  soon.cancel();
  if (!saving) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  saving.then(() => e.target.isConnected && e.target.requestSubmit(button?.isConnected ? button : null));
}

/**
 * Z takes the sending back also from the empty text in which the answer stood, where the
 * focus is: the next answer begins with another letter, or after these seconds. Ctrl-Z
 * does so where letters are switched off.
 */
function takesBack(e) {
  if (e.key.toLowerCase() !== "z" || e.shiftKey || e.altKey || e.target !== area() || e.target.value !== "") return false;
  return e.ctrlKey || e.metaKey || document.body.dataset.keys === "on";
}

function onKey(e) {
  const undo = takesBack(e) && one("#composer .undo .btn");
  if (undo) {
    e.preventDefault();
    undo.click();
  }
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.closest?.("#composer")) {
    e.preventDefault();
    one("#composer .tools button.send")?.click();
  }
}

/** "I have read it": what is on the page now counts as seen. */
function onClick(e) {
  if (!e.target.closest("[data-read-newer]")) return;
  see();
  save();
  one("#timeline > li:last-child")?.scrollIntoView({ block: "nearest" });
  area()?.focus();
}

/** Notes in the form that the newest entry was seen. */
export function see() {
  const seen = one("#composer [name=seen]");
  const last = one("#timeline")?.dataset.last;
  if (seen && last) seen.value = last;
}

/** Counts the seconds of undo down, but not while somebody is at it. */
function countdown() {
  const bar = one(".undo");
  if (!bar || bar.dataset.running) return;
  bar.dataset.running = "yes";
  let left = Number(bar.dataset.seconds);
  let held = false;
  const post = (what) => fetch(`${bar.dataset.undo}/${what}`, { method: "POST", headers: mine(), body: new URLSearchParams({ seconds: left }) }).catch(() => {});
  const hold = () => { if (!held) { held = true; post("hold"); } };
  const go = () => { if (held && bar.isConnected && !bar.matches(":hover") && !bar.contains(document.activeElement)) { held = false; post("go"); } };
  bar.addEventListener("pointerenter", hold);
  bar.addEventListener("focusin", hold);
  bar.addEventListener("pointerleave", () => setTimeout(go));
  bar.addEventListener("focusout", () => setTimeout(go));
  const timer = setInterval(() => {
    if (!bar.isConnected) return clearInterval(timer);
    if (held) return;
    left--;
    one(".undo-count", bar).textContent = Math.max(0, left);
    if (left > 0) return;
    clearInterval(timer);
    gone(bar);
  }, 1000);
}

/**
 * The message leaves: the button comes back, what was typed since stays. The
 * server's clock decides, which may be a moment behind.
 */
async function gone(bar) {
  const f = form();
  if (!f || !bar.isConnected) return;
  const fresh = await fragment(`${base(f)}/composer?compose=${f.dataset.mode}&view=${one("[name=view]", f).value}`).catch(() => null);
  if (!bar.isConnected) return;
  const button = fresh && one(".tools button.send", fresh);
  if (!button) {
    setTimeout(() => gone(bar), 1000);
    return;
  }
  say(text("undone"));
  bar.replaceWith(button);
  follow();
}

function onSettle(e) {
  countdown();
  if (e.target.id === "composer" || e.detail.target?.id === "composer") {
    unsaved = refused();
    area()?.focus();
  }
}

/**
 * Before the form gives its place to another one, its text is kept. Where
 * another window has written, the person says whether to go without it.
 */
function onAsk(e) {
  const place = e.detail.target?.id;
  if (e.detail.verb !== "get" || (place !== "composer" && place !== "work") || !form() || !(unsaved || saving)) return;
  e.preventDefault();
  save().then(() => { if (!refused() || confirm(text("refused"))) e.detail.issueRequest(true); });
}

/** All that the form sends says of which form it is; the server keeps its text first. */
function onRequest(e) {
  const f = form();
  if (e.detail.verb !== "post" || !f?.contains(e.detail.elt)) return;
  const { name, step } = pen(f);
  Object.assign(e.detail.parameters, { pen: name, step });
  if (e.detail.formData.has("text")) unsaved = false;
}

/** What was sent may not have arrived: the draft is saved again. */
function onFailure(e) {
  const f = form();
  if (e.detail.requestConfig?.verb !== "post" || !f?.contains(e.detail.elt)) return;
  unsaved = true;
  if (!session.over()) soon();
}

/** Sends what no save has taken along, without waiting for the answer. */
function flush(f) {
  if (!unsaved || refused() || session.anothers()) return;
  unsaved = !navigator.sendBeacon(`${base(f)}/draft`, draft(f));
}

/** Before the next page is asked for: it shows the draft as it is kept by then. */
function onUnload(e) {
  const f = form();
  if (!f || session.anothers()) return;
  if (refused()) e.preventDefault();
  else flush(f);
}

function onLeave() {
  const f = form();
  if (!f || session.anothers()) return;
  flush(f);
  navigator.sendBeacon(`${base(f)}/presence`, new URLSearchParams({ doing: "left" }));
}

/** Starts the module. */
export function start() {
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChange);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:afterSettle", onSettle);
  document.body.addEventListener("htmx:confirm", onAsk);
  document.body.addEventListener("htmx:configRequest", onRequest);
  document.body.addEventListener("htmx:sendError", onFailure);
  document.body.addEventListener("htmx:responseError", onFailure);
  // a case that is left for another one keeps its draft
  document.body.addEventListener("htmx:beforeSwap", (e) => { if (e.detail.target?.id === "work") onLeave(); });
  document.body.addEventListener("htmx:sendError", (e) => { if (e.detail.elt === form()) toast(text("failed")); });
  document.addEventListener("session:back", () => { if (form() && unsaved) save(); });
  addEventListener("pagehide", onLeave);
  addEventListener("beforeunload", onUnload);
  unsaved = refused();
  follow();
  countdown();
  // a page that was opened to write begins in the text
  if (new URLSearchParams(location.search).has("compose")) area()?.focus();
}
