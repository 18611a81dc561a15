// The few things that all modules do to a page.

/** The first element that matches, or null. */
export const one = (selector, root = document) => root.querySelector(selector);

/** All elements that match, as an array. */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** A text of the catalogue that the page carries for scripts. */
export const text = (name) => one("#js-texts")?.dataset[name] ?? "";

/** Tells people who listen: politely, once. */
export function say(words) {
  const box = one("#say");
  if (!box || !words) return;
  box.textContent = "";
  // an emptied region speaks again even when the words are the same
  setTimeout(() => { box.textContent = words; }, 50);
}

let toastTimer;

/** Shows a sentence for a moment and says it. With keep it stays until hush. */
export function toast(words, keep = false) {
  hush();
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = words;
  one("#float")?.append(box);
  say(words);
  if (!keep) toastTimer = setTimeout(hush, 6000);
}

/** Takes the sentence away. */
export function hush() {
  clearTimeout(toastTimer);
  for (const box of all(".toast")) box.remove();
}

/** Says whose page asks: the server does nothing of it for somebody else who is logged in by now. */
export const mine = () => (document.body.dataset.me ? { "X-Operator": document.body.dataset.me } : {});

/** Asks for a piece of HTML. Throws when the answer is no page; null for 204. */
export async function fragment(url, options = {}) {
  const answer = await fetch(url, {
    credentials: "same-origin",
    redirect: "follow",
    ...options,
    headers: { "HX-Request": "true", ...mine(), ...options.headers },
  });
  if (answer.status === 401) document.dispatchEvent(new Event("session:ended"));
  if (answer.status === 204) return null;
  if (!answer.ok && answer.status !== 409 && answer.status !== 422) throw Object.assign(new Error(`status ${answer.status}`), { status: answer.status });
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content;
}

/** Puts a fresh element in the place of the one with the same id. */
export function replace(fresh) {
  const old = fresh.id ? document.getElementById(fresh.id) : null;
  if (!old) return null;
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  return fresh;
}

/** Runs f once things have been quiet for wait milliseconds. */
export function later(f, wait) {
  let timer;
  const run = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(...args), wait);
  };
  run.cancel = () => clearTimeout(timer);
  return run;
}

/** Runs f now, and again at most once in each wait milliseconds; wait may be a function that is asked after each run. */
export function atMost(f, wait) {
  let timer = 0;
  let again = false;
  const run = () => {
    if (timer) {
      again = true;
      return;
    }
    f();
    timer = setTimeout(() => {
      timer = 0;
      if (again) {
        again = false;
        run();
      }
    }, typeof wait === "function" ? wait() : wait);
  };
  return run;
}

/** Whether letters typed here are text. */
export function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]") !== null;
}

/** Whether the window shows one pane only. */
export const narrow = () => matchMedia("(max-width: 767px)").matches;
