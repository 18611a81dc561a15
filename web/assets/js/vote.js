// The three faces on the tablet of a counter: the page comes back to the start by
// itself. A telephone needs none of it.
const { again, path } = document.body.dataset;

/** Whoever is choosing gets the time: the count begins anew with each touch. */
function comeBack(seconds) {
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => location.replace(path), seconds * 1000);
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, start);
  start();
}

if (again) comeBack(Number(again));
