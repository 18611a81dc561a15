// While somebody fills in who they are, the time for which their place is kept
// counts down; more time is one touch away and takes nothing typed with it.
const box = document.querySelector("#hold");
const texts = JSON.parse(document.querySelector("#texts").textContent);
const main = document.querySelector("form.fd-panel");
const left = document.querySelector("#hold-left");

function t(id, n) {
  const { one, other } = texts[id];
  return (one && n === 1 ? one : other).replace("{n}", n);
}

let until = performance.now() + Number(box.dataset.seconds) * 1000;
let told = -1;

function tick() {
  const seconds = Math.max(0, Math.round((until - performance.now()) / 1000));
  const minutes = Math.ceil(seconds / 60);
  if (seconds === 0) {
    box.dataset.lapsed = "";
    left.textContent = t("book.lapsed");
    return;
  }
  if (minutes !== told) left.textContent = t("book.left", minutes); // once a minute, so that a screen reader is not kept busy
  told = minutes;
  setTimeout(tick, 1000);
}

/** The place is kept for longer without leaving the page. */
box.querySelector("form").addEventListener("submit", async (e) => {
  e.preventDefault();
  const form = e.target;
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return form.submit();
  const { path, seconds, hour, kept } = await answer.json();
  until = performance.now() + seconds * 1000;
  if (path) {
    main.action = path;
    form.action = `${path}/longer`;
  }
  box.querySelector("b").textContent = kept ?? hour;
  if ("lapsed" in box.dataset) {
    delete box.dataset.lapsed;
    tick();
  }
  told = -1;
});

document.querySelector("#faults")?.focus();
tick();
