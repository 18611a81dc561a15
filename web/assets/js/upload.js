// Files into the draft: chosen, dropped or pasted. Each goes to the server at
// once, so that sending is quick and a draft keeps its files.
import { fragment, one, replace, text, toast } from "./dom.js";

async function send(files) {
  const input = one("#composer [data-upload]");
  if (!input || files.length === 0) return;
  const body = new FormData();
  body.set("compose", one("#composer").dataset.mode);
  for (const file of files) body.append("file", file, file.name);
  try {
    const answer = await fragment(input.dataset.upload, { method: "POST", body });
    const fresh = answer && one("#draft-files", answer);
    if (fresh) replace(fresh);
  } catch {
    toast(text("failed"));
  }
}

const carries = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files");

function onChange(e) {
  if (!e.target.matches?.("#composer [data-upload]")) return;
  const files = [...e.target.files];
  e.target.value = ""; // the form itself must not send them again
  send(files);
}

function onDrag(e) {
  if (!carries(e)) return;
  const form = e.target.closest?.(".case-pane") ? one("#composer") : null;
  if (!form) return;
  e.preventDefault();
  form.classList.toggle("dropping", e.type === "dragover");
  if (e.type === "drop") send([...e.dataTransfer.files]);
}

function onPaste(e) {
  const files = [...(e.clipboardData?.files ?? [])];
  if (files.length === 0 || !e.target.closest?.("#composer")) return;
  e.preventDefault();
  send(files);
}

/** Starts the module. */
export function start() {
  document.addEventListener("change", onChange);
  for (const name of ["dragover", "drop"]) document.addEventListener(name, onDrag);
  document.addEventListener("dragleave", () => one("#composer")?.classList.remove("dropping"));
  document.addEventListener("paste", onPaste);
}
