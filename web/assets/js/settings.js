// A form whose settings count or not by what is chosen in another one shows those
// that count. Without this the server does so when the form comes back.
import { all } from "./dom.js";

function settle(form) {
  for (const box of all("[data-when]", form)) {
    box.hidden = !box.dataset.when.split("&").every((part) => {
      const [name, words] = part.split("=");
      const chosen = form.elements["set." + name];
      return !chosen || words.split("|").includes(chosen.value);
    });
  }
}

export function start() {
  document.addEventListener("change", (e) => {
    const form = e.target.form;
    if (form && e.target.name.startsWith("set.")) settle(form);
  });
}
