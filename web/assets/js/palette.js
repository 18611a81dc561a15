// Ctrl-K: go to a page, a view, a case or a person by typing.
import { all, fragment, later, one } from "./dom.js";

let dialog;
let input;
let box;
let fixed = []; // the entries that came with the page

const options = () => all("[role=option]:not([hidden])", box);

function choose(option) {
  for (const other of all("[role=option]", box)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function go(option) {
  if (option) location.assign(option.dataset.href);
  else one("form", dialog).requestSubmit();
}

const plain = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const ask = later(async (query) => {
  const found = await fragment(`${dialog.dataset.url}?palette=1&q=${encodeURIComponent(query)}`).catch(() => null);
  if (!found || input.value.trim() !== query) return;
  const fresh = all("li[role=option]", found);
  drop();
  box.append(...fresh);
  // what is chosen already stays chosen: Enter may be on its way
  if (!options().some((o) => o.getAttribute("aria-selected") === "true")) choose(options()[0] ?? null);
}, 150);

/** Takes what the server found out of the list. */
function drop() {
  for (const old of all("[role=option]", box)) if (!fixed.includes(old)) old.remove();
}

function filter() {
  const query = input.value.trim();
  drop();
  for (const option of fixed) option.hidden = query !== "" && !plain(one("span", option).textContent).includes(plain(query));
  choose(options()[0] ?? null);
  if (query.length > 1) ask(query);
  else ask.cancel();
}

function onKey(e) {
  const shown = options();
  const at = shown.findIndex((o) => o.getAttribute("aria-selected") === "true");
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    const step = e.key === "ArrowDown" ? 1 : -1;
    choose(shown[(at + step + shown.length) % shown.length] ?? null);
  } else if (e.key === "Enter") {
    e.preventDefault();
    go(shown[at]);
  } else if (e.key === "Escape") {
    e.preventDefault(); // a search field would only empty itself
    dialog.close();
  }
}

/** Opens the palette. */
export function open() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  input.value = "";
  filter();
  input.focus();
}

/** Starts the module. */
export function start() {
  dialog = one("#palette");
  if (!dialog) return;
  input = one("input", dialog);
  box = one("#palette-list", dialog);
  fixed = all("[role=option]", box);
  input.addEventListener("input", filter);
  input.addEventListener("keydown", onKey);
  box.addEventListener("click", (e) => go(e.target.closest("[role=option]")));
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
}
