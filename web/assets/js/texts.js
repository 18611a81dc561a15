// Ready texts: "/" at the beginning of a word opens a list over the timeline.
// The focus stays in the text (aria-activedescendant).
import { all, fragment, later, one } from "./dom.js";

const area = () => one("#composer textarea");
const box = () => one("#picker");

let from = -1; // where the "/" stands; -1 while the list is shut

const options = () => all("[role=option]", box());

function shut() {
  from = -1;
  ask.cancel();
  if (box()) box().hidden = true;
  area()?.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return;
  area().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

const ask = later(async (query) => {
  const place = box();
  if (!place) return;
  const found = await fragment(`${place.dataset.url}&q=${encodeURIComponent(query)}`).catch(() => null);
  if (!found || from < 0) return;
  place.replaceChildren(found);
  place.hidden = false;
  choose(options()[0]);
}, 120);

/** The word between the "/" and the caret, or null when it is none any more. */
function query() {
  const a = area();
  if (from < 0 || a.selectionStart < from) return null;
  const word = a.value.slice(from, a.selectionStart);
  return /^\/?[\p{L}\p{N}_-]{0,40}$/u.test(word) ? word.replace(/^\//, "") : null;
}

function insert(option) {
  const a = area();
  const words = option.dataset.text;
  const at = from;
  a.setRangeText(words, at, a.selectionStart, "end");
  shut();
  // the first gap to fill in is selected
  const gap = words.match(/\{[^{}]+\}/);
  if (gap) a.setSelectionRange(at + gap.index, at + gap.index + gap[0].length);
  a.focus();
  a.dispatchEvent(new Event("input", { bubbles: true }));
}

function onInput(e) {
  const a = area();
  if (e.target !== a) return;
  const caret = a.selectionStart;
  if (from < 0 && a.value[caret - 1] === "/" && /^$|\s/.test(a.value[caret - 2] ?? "")) from = caret - 1;
  if (from < 0) return;
  const word = query();
  if (word === null || a.value[from] !== "/") shut();
  else ask(word);
}

function onKey(e) {
  if (from < 0 || e.target !== area() || box().hidden) return;
  const shown = options();
  const at = shown.findIndex((o) => o.getAttribute("aria-selected") === "true");
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    const step = e.key === "ArrowDown" ? 1 : -1;
    choose(shown[(at + step + shown.length) % shown.length]);
  } else if ((e.key === "Enter" || e.key === "Tab") && !e.ctrlKey && !e.metaKey && shown[at]) insert(shown[at]);
  else if (e.key === "Escape") shut();
  else return;
  e.preventDefault();
  e.stopImmediatePropagation();
}

function onClick(e) {
  const option = e.target.closest?.("#picker [role=option]");
  if (option) return insert(option);
  if (e.target.closest?.("[data-texts]")) {
    const a = area();
    if (from >= 0) return shut();
    a.focus();
    from = a.selectionStart;
    ask("");
  } else if (from >= 0 && !e.target.closest?.("#picker, #composer textarea")) shut();
}

/** Starts the module. */
export function start() {
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target?.id === "composer" || e.detail.target?.id === "work") shut();
  });
}
