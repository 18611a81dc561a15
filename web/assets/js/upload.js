// Files into the draft: chosen, dropped or pasted. Each goes to the server at
// once, so that sending is quick and a draft keeps its files.
import { fragment, one, replace, text } from "./dom.js";

/** Sends one file; gives what is to be said of it when it was not taken. */
async function put(input, file) {
  const refused = input.dataset.tooLarge.replace("#", file.name);
  if (file.size > Number(input.dataset.most)) return refused;
  const body = new FormData();
  body.set("compose", one("#composer").dataset.mode);
  body.set("channel", one("#composer [name=channel]:checked")?.value ?? "");
  body.append("file", file, file.name);
  try {
    const answer = await fragment(input.dataset.upload, { method: "POST", body });
    const fresh = answer && one("#draft-files", answer);
    const fault = fresh && one(".field-fault", fresh)?.textContent;
    if (fresh) replace(fresh);
    return fault ?? "";
  } catch (e) {
    return e.status === 413 ? refused : `${file.name}: ${text("failed")}`;
  }
}

/** Sends files one by one, so that one that is refused takes no other with it. */
async function send(files) {
  const faults = [];
  for (const file of files) {
    const input = one("#composer [data-upload]");
    const fault = input && await put(input, file);
    if (fault) faults.push(fault);
  }
  const list = one("#draft-files");
  for (const old of list?.querySelectorAll(".field-fault") ?? []) old.remove();
  for (const fault of faults) {
    const li = document.createElement("li");
    li.className = "field-fault";
    list?.append(li);
    const words = document.createElement("span");
    words.setAttribute("role", "alert");
    words.textContent = fault;
    li.append(words);
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
