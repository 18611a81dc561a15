// Mail in HTML is shown in a frame where nothing can run. This module gives
// the frame the height of its text, and loads pictures when asked.
import { all, one } from "./dom.js";

const tallest = 1200; // beyond that the frame scrolls

function fit(frame) {
  const doc = frame.contentDocument;
  if (!doc?.documentElement) return;
  frame.style.height = "60px";
  frame.style.height = `${Math.min(tallest, doc.documentElement.scrollHeight + 20)}px`;
}

function watch(frame) {
  if (frame.dataset.watched) return;
  frame.dataset.watched = "yes";
  frame.addEventListener("load", () => fit(frame));
  if (frame.contentDocument?.readyState === "complete") fit(frame);
}

function onClick(e) {
  const button = e.target.closest("[data-images]");
  if (!button) return;
  const box = button.closest(".html");
  const frame = one("iframe", box);
  frame.src = `${box.dataset.html}?images=1`;
  frame.focus();
  button.closest(".held").remove();
}

/** Looks after frames that have come since. */
export function refresh(root = document) {
  for (const frame of all("iframe.frame", root)) watch(frame);
}

/** Starts the module. */
export function start() {
  refresh();
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:afterSettle", () => refresh());
  addEventListener("resize", () => { for (const frame of all("iframe.frame")) fit(frame); });
}
