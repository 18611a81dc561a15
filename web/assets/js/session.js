// A session that ends while a page is open. Where somebody has written something the
// page stays as it is and says so; it goes on once they are logged in again in another
// tab. Where nothing was written it leads to the log-in, and shows nobody anything more.
// Somebody else who logs in gets a page of their own, and nothing that was written here.
import { all, mine, one, say, text } from "./dom.js";

let another = false; // somebody else is logged in

// What a list offers first is chosen where the page marks nothing.
const chosen = (f) => {
  const marked = [...f.options].some((o) => o.defaultSelected);
  return marked || f.multiple ? [...f.options].some((o) => o.selected !== o.defaultSelected) : f.selectedIndex > [...f.options].findIndex((o) => !o.disabled);
};
const ticked = (f) => /^(checkbox|radio)$/.test(f.type);
const changed = (f) => (f.matches("select") ? chosen(f) : ticked(f) ? f.checked !== f.defaultChecked : f.value !== f.defaultValue);
const written = () => all("textarea, select, input:not([type=hidden])").some(changed);

/** Whether the page waits for somebody to log in again. */
export const over = () => one("#ended") !== null;

/** Whether the page is about to go because somebody else is logged in: it sends nothing more. */
export const anothers = () => another;

function leave() {
  another = true;
  for (const f of document.forms) f.reset(); // or the browser puts it into the fresh page
  location.reload();
}

function ended() {
  if (over() || another) return;
  if (!written()) {
    location.reload();
    return;
  }
  const box = document.createElement("div");
  box.className = "ended";
  box.id = "ended";
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text("ended");
  const again = document.createElement("a");
  again.className = "btn btn-s";
  again.target = "_blank";
  again.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  again.textContent = text("again");
  box.append(words, again);
  one("#float")?.append(box);
  probe(); // it may have ended because somebody else is logged in
}

/** Asks who is logged in: whoever comes back to this tab may be. */
export async function probe() {
  const answer = await fetch("/shell/health", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) ended();
  if (!answer?.ok || !over() || another) return;
  if (answer.headers.get("X-Operator") !== document.body.dataset.me) {
    leave();
    return;
  }
  one("#ended").remove();
  say(text("back"));
  document.dispatchEvent(new Event("session:back"));
}

/** A form of the page says whose it is, sent by scripts or without them. */
function sign(e) {
  const me = document.body.dataset.me;
  if (me && e.target.getAttribute("method")?.toLowerCase() === "post") e.formData.set("me", me);
}

/** Starts the module. */
export function start() {
  document.addEventListener("session:ended", ended);
  document.addEventListener("formdata", sign);
  document.body.addEventListener("htmx:configRequest", (e) => { Object.assign(e.detail.headers, mine()); });
  addEventListener("focus", () => { if (over()) probe(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && over()) probe(); });
}
