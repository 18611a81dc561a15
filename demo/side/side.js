// Reads the messages again every two seconds; without it the page still works.
const part = document.getElementById("messages");
let last = part.innerHTML;
setInterval(async () => {
  try {
    const answer = await fetch(part.dataset.from);
    if (!answer.ok) return;
    const text = await answer.text();
    if (text.trim() !== last.trim()) {
      part.innerHTML = text;
      last = text;
    }
  } catch {
    // the demo has ended; what was shown stays
  }
}, 2000);
