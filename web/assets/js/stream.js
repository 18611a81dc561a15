// One stream of events for all tabs of a browser: the tab that holds a lock
// listens to the server and passes on what it hears, so that many open tabs
// do not use up the connections that a browser allows to one server.

import { probe } from "./session.js";

const names = ["case", "counts", "health"];

/**
 * Listens. heard gets the name and the data of each event; lost and back tell
 * of the connection. begun says that from now on nothing is missed, though
 * something may have been before: while the page came, or another tab closed.
 */
export async function listen({ heard, lost, back, begun }) {
  const radio = "BroadcastChannel" in window ? new BroadcastChannel("filodiretto-live") : null;
  const tell = (kind, name, data) => {
    radio?.postMessage({ kind, name, data });
    deliver({ kind, name, data });
  };
  const deliver = ({ kind, name, data }) => {
    if (kind === "event") heard(name, data);
    else if (kind === "lost") lost();
    else if (kind === "back") back();
    else begun();
  };
  radio?.addEventListener("message", (e) => deliver(e.data));

  let broken = false;
  const open = () => new Promise(connect);
  const connect = () => {
    const source = new EventSource("/live");
    for (const name of names) source.addEventListener(name, (e) => tell("event", name, parse(e.data)));
    source.addEventListener("open", () => {
      tell(broken ? "back" : "begun");
      broken = false;
    });
    source.addEventListener("error", () => {
      if (!broken) tell("lost");
      broken = true;
      // a refused stream does not try again by itself; it may be the session that is over
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { probe().then(connect); }, 30000);
    });
    addEventListener("pagehide", () => source.close());
  };
  if (!navigator.locks || !radio) return open();
  const { held } = await navigator.locks.query();
  if (held.some((lock) => lock.name === "filodiretto-live")) begun(); // another tab listens already
  return navigator.locks.request("filodiretto-live", open);
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return {};
  }
}
