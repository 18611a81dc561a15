// What every page needs: closing messages, copying, faults that take the focus.
import { all, one, say, text, toast } from "./dom.js";

function onClick(e) {
  const dismiss = e.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".flash")?.remove();
  if (e.target.closest("[data-print]")) window.print();
  const copy = e.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(one(copy.dataset.copy).textContent.trim()).then(() => {
      one("span", copy).textContent = copy.dataset.done;
      say(copy.dataset.done);
    });
  }
}

/** A message without a way back goes by itself, but not while somebody is at it. */
function fade() {
  const flash = one("#flash .flash.is-ok:not(:has(form))");
  if (!flash || flash.dataset.fading) return;
  flash.dataset.fading = "yes";
  setTimeout(function go() {
    if (flash.matches(":hover, :focus-within")) setTimeout(go, 3000);
    else flash.remove();
  }, 10000);
}

/** In the summary of what is wrong each line begins with the name of its field. */
function nameFaults() {
  for (const link of all("#faults a[href^='#f-']")) {
    const label = one(`label[for="${CSS.escape(link.hash.slice(1))}"]`)?.cloneNode(true);
    one(".optional", label ?? link)?.remove();
    const name = label?.textContent.trim();
    if (name && !link.textContent.includes(name)) link.textContent = `${name}: ${link.textContent.trim()}`;
  }
}

/** Starts the module. */
export function start() {
  document.addEventListener("click", onClick);
  nameFaults();
  one("#faults")?.focus();
  one(".rail [aria-current]")?.scrollIntoView({ block: "nearest" }); // where the window is lower than the rail
  fade();
  document.body.addEventListener("htmx:afterSettle", fade);
  document.body.addEventListener("htmx:responseError", (e) => {
    if (e.detail.xhr.status === 401) document.dispatchEvent(new Event("session:ended"));
    else toast(text("failed"));
  });
  document.body.addEventListener("htmx:sendError", () => toast(text("failed")));
}
