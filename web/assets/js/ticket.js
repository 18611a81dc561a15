// The page of a number on its holder's telephone. It works without this module;
// with it, place and range follow what happens in the room, and the telephone
// rings when it is the person's turn.
const one = (selector) => document.querySelector(selector);
const texts = JSON.parse(one("#texts").textContent);
const content = () => one("#content");

/** A text of the catalogue: t("ticket.place", { n: 3 }). */
function t(id, values = {}) {
  const { one: single, other } = texts[id];
  const text = single && values.n === 1 ? single : other;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const hour = (at = Date.now()) => new Intl.DateTimeFormat("it-IT", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Rome" }).format(at);

function range({ known, low = 0, high = 0, ahead }) {
  if (!known) return t("ticket.place", { n: ahead });
  if (high <= 5) return t("room.range_little");
  return t(low ? "room.range" : "room.range_under", { low, high });
}

/** Shows a place that changed; only words that differ are touched, so that a screen reader says them once. */
function show({ wait, today }) {
  const set = (id, words) => { const e = one(id); if (e && e.textContent !== words) e.textContent = words; };
  set("#range", range(wait));
  set("#ahead", wait.ahead === 0 ? t("ticket.first") : t("ticket.ahead", { n: wait.ahead }));
  const moved = one("#moved");
  if (moved) {
    moved.hidden = !wait.was;
    set("#moved", wait.was ? t("ticket.longer", { hour: hour(wait.was) }) : "");
  }
  const nobody = one("#nobody");
  if (nobody) {
    nobody.hidden = !wait.nobody;
    set("#nobody-from", wait.from ? t("ticket.nobody_from", { hour: hour(wait.from) }) : t("ticket.nobody"));
  }
  const doubt = one("#today");
  if (doubt) {
    doubt.hidden = today !== "no" && today !== "perhaps";
    if (!doubt.hidden) set("#doubt", t("ticket.today_" + today));
  }
  const people = one("#people");
  if (people) {
    const you = people.lastElementChild;
    people.replaceChildren(...Array.from({ length: Math.min(wait.ahead, 8) }, () => document.createElement("li")), you);
  }
}

function told(words) {
  const box = one("#live-at");
  if (!box) return;
  box.hidden = false;
  box.textContent = words;
}

// The alarm. Nothing rings on a telephone whose owner has not touched the page, and
// nothing asks for leave before. It works while the page is open, and says so: what is
// shown is made here, no service elsewhere wakes the telephone.
const wished = `alarm:${location.pathname}`; // in this tab, so that an answer of a form keeps it
let audio = null;

const mayNotify = () => window.Notification?.permission === "granted";
let wishing = false; // where the tab remembers nothing
const wishes = () => { try { return wishing || sessionStorage.getItem(wished) === "1"; } catch { return wishing; } };

function ring() {
  navigator.vibrate?.([300, 150, 300, 150, 600]);
  if (!audio) return;
  [0, 0.4, 0.8].forEach((after, i) => {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    const from = audio.currentTime + after;
    tone.frequency.value = i === 2 ? 784 : 659;
    loud.gain.setValueAtTime(0.0001, from);
    loud.gain.exponentialRampToValueAtTime(0.4, from + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.35);
    tone.connect(loud).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.4);
  });
}

/** A notification of the telephone, over whatever else is open on it. Some telephones take them from a worker only. */
async function notify(words, place) {
  if (!mayNotify()) return;
  const about = { body: place ? `${t("ticket.go_to")} ${place.word ?? ""} ${place.mark}` : "", tag: "turn", renotify: true, requireInteraction: true, lang: document.documentElement.lang, vibrate: [300, 150, 300, 150, 600], data: { url: location.href } };
  try {
    const worker = await navigator.serviceWorker?.getRegistration("/p/t/");
    if (!worker?.active) throw new Error("no worker");
    await worker.showNotification(words, about);
  } catch {
    try { new Notification(words, about).onclick = () => window.focus(); } catch { /* it rang and shook */ }
  }
}

function alarm(place) {
  if (!wishes()) return;
  ring();
  notify(`${content().dataset.label}: ${t("ticket.called_title")}`, place);
}

/** Makes what rings; after a reload the browser may want one more touch before it does. */
function tune() {
  if (!window.AudioContext) return;
  audio ??= new AudioContext();
  audio.resume();
  if (audio.state !== "running") addEventListener("pointerdown", () => audio.resume(), { once: true });
}

function alarmSays(on) {
  const key = one("#alarm");
  if (!key) return;
  key.setAttribute("aria-pressed", String(on));
  key.querySelector("span").textContent = t(on ? "ticket.alarm_on" : "ticket.alarm");
  const how = !on ? "ticket.alarm_need" : mayNotify() ? "ticket.alarm_notice" : window.Notification?.permission === "denied" ? "ticket.alarm_denied" : "ticket.alarm_sound";
  one("#alarm-how").textContent = t(how);
}

async function wish() {
  tune();
  navigator.vibrate?.(80);
  wishing = true;
  try { sessionStorage.setItem(wished, "1"); } catch { /* until the page is left */ }
  alarmSays(true);
  if (window.Notification?.permission === "default") await Notification.requestPermission();
  if (mayNotify()) {
    try { await navigator.serviceWorker?.register("/p/notify.js", { scope: "/p/t/" }); } catch { /* the page shows them itself */ }
  }
  alarmSays(true);
}

function alarmKey() {
  const key = one("#alarm");
  if (!key || !(window.AudioContext || navigator.vibrate || window.Notification)) return;
  key.hidden = one("#alarm-how").hidden = false;
  if (wishes()) tune();
  alarmSays(wishes());
  key.addEventListener("click", wish);
}

/** Another phase has another page: it is fetched, and takes the place of this one. */
async function turn(state) {
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#content");
  if (!fresh) return;
  content().replaceWith(fresh);
  if (state.phase === "called") {
    alarm(state.place);
    document.title = `${fresh.dataset.label}: ${t("ticket.called_title")}`;
    content().focus();
    scrollTo(0, 0);
  }
  alarmKey();
if (!live) navigator.serviceWorker?.getRegistration("/p/t/").then((worker) => worker?.unregister()); // the visit is over
}

let calls = 0;
let silent = 0;
let source;

function follow(address) {
  source = new EventSource(address);
  source.addEventListener("ticket", (e) => {
    clearTimeout(silent);
    silent = 0;
    told(t("ticket.updated", { hour: hour() }));
    const state = JSON.parse(e.data);
    const here = content();
    const again = state.phase === "called" && calls && state.times > calls; // a recall rings again
    calls = state.times ?? 0;
    if (here.dataset.ask && state.phase !== "called") return;
    if (state.phase !== here.dataset.phase || here.dataset.ask) turn(state);
    else if (again) alarm(state.place);
    else show(state);
  });
  source.addEventListener("end", () => source.close());
  source.onerror = () => { silent ||= setTimeout(() => told(t("ticket.no_line", { hour: hour() })), 8000); };
}

const live = content()?.dataset.live;
if (live && window.EventSource) {
  follow(live);
  // a telephone that slept may have lost the line without noticing
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    source.close();
    follow(live);
  });
}
alarmKey();
if (!live) navigator.serviceWorker?.getRegistration("/p/t/").then((worker) => worker?.unregister()); // the visit is over
