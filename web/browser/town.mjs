// The running program with its servers, and the orders that tests give them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const root = new URL("../..", import.meta.url).pathname;
export const program = process.env.TOWN ?? `${root}test-results/town`;

export const urpBox = "urp@comune.pontelieto.example";
export const tributiBox = "tributi@comune.pontelieto.example";
export const socialBox = "sociali@comune.pontelieto.example";

/** Starts the town and waits until all of it listens. */
export async function startTown(...args) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended.then(() => [null])]);
  if (line === null) throw new Error(`the town ended with code ${child.exitCode} before it listened`);
  return new Town(JSON.parse(line), async () => {
    child.stdin.end();
    await ended;
    if (child.exitCode !== 0) throw new Error(`the town ended with code ${child.exitCode}`);
  });
}

class Town {
  #letters = 0;

  constructor({ url, control, citizens, password, shift }, stop) {
    Object.assign(this, { url, control, citizens, password, shift, stop });
  }

  /** The present by the clock of the town, as letters have it; there it is always a morning in the week. */
  #date() {
    return new Date(Date.now() + this.shift).toUTCString().replace("GMT", "+0000");
  }

  async #order(path, options) {
    const answer = await fetch(this.control + path, options);
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`);
    return body === "" ? null : JSON.parse(body);
  }

  /**
   * A citizen's mail arrives in a mailbox of the town. about: subject, text,
   * box, answers (a letter of the town), headers. Gives its Message-ID.
   */
  async mail(from, { subject = "", text, box = urpBox, answers = null, headers = [] }) {
    const id = `l${++this.#letters}.${from.mail}`;
    const lines = [
      `From: ${word(from.name)} <${from.mail}>`, `To: <${box}>`, `Subject: ${word(subject)}`,
      `Date: ${this.#date()}`, `Message-ID: <${id}>`,
      ...(answers ? [`In-Reply-To: <${answers.id}>`, `References: <${answers.id}>`] : []),
      ...(headers.some((h) => /^content-type:/i.test(h)) ? [] : ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]),
      "MIME-Version: 1.0", ...headers, "", ...text.split("\n"), "",
    ];
    await this.#order(`/mail?box=${encodeURIComponent(box)}`, { method: "POST", body: lines.join("\r\n") });
    return id;
  }

  /**
   * A letter arrives in the certified mailbox: "envelope" is a certified one,
   * "anomaly" ordinary mail, "forged" was changed after the provider signed it,
   * "listed" went through a mailing list besides.
   */
  async certified(from, { subject, text, how = "envelope" }) {
    const lines = [
      `From: ${word(from.name)} <${from.pec}>`, "To: <protocollo@pec.comune.pontelieto.example>", `Subject: ${word(subject)}`, `Date: ${this.#date()}`,
      `Message-ID: <p${++this.#letters}.${from.pec}>`, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", ...text.split("\n"), "",
    ];
    await this.#order(`/certified?from=${encodeURIComponent(from.pec)}&how=${how}`, { method: "POST", body: lines.join("\r\n") });
  }

  /** What was given to the provider of certified mail was given an hour ago. */
  overdue() {
    return this.#order("/overdue", { method: "POST" });
  }

  /** Waits until the town has sent n letters to somebody, and gives all of them. */
  letters(to, n) {
    return this.#order(`/sent?to=${encodeURIComponent(to.mail)}&n=${n}`);
  }

  /** Waits for the nth letter that a person wrote, receipts not counted. */
  async letterBy(to, wanted, n = 1) {
    for (let all = 1; ; ) {
      const got = await this.letters(to, all);
      const found = got.filter(wanted);
      if (found.length >= n) return found[n - 1];
      all = got.length + 1;
    }
  }

  /** A waiting room of its own: site, counters (first, second) and the addresses of kiosk, display and tablet. */
  room(key) {
    return this.#order(`/room?key=${key}`, { method: "POST" });
  }

  /** A number of a room: its label, and the path of its page. */
  number(room, service = "certificati") {
    return this.#order(`/ticket?key=${room.key}&service=${service}`, { method: "POST" });
  }

  /** A room that has seen enough waits to show ranges. */
  lived(room) {
    return this.#order(`/lived?key=${room.key}`, { method: "POST" });
  }

  /** Whoever sits at a counter of a room leaves it: one sits at one counter only. */
  stand(room) {
    return this.#order(`/stand?key=${room.key}`, { method: "POST" });
  }

  /** The opening hours of a room are over. */
  shut(room) {
    return this.#order(`/shut?key=${room.key}`, { method: "POST" });
  }

  /** The numbers of a room, as they are stored. */
  tickets(room) {
    return this.#order(`/tickets?key=${room.key}`);
  }

  /** The program stops, as at a power cut. */
  away() {
    return this.#order("/away", { method: "POST" });
  }

  /** The program starts again, at the same address. */
  again() {
    return this.#order("/again", { method: "POST" });
  }

  /** The mail server of a citizen refuses the next message for good. */
  refuse(to) {
    return this.#order(`/refuse?to=${encodeURIComponent(to.mail)}`, { method: "POST" });
  }

  #bot(order, body) {
    return this.#order(`/_ctl/${order}`, { method: "POST", body: JSON.stringify(body) });
  }

  /** A citizen writes to the bot. */
  chat(from, text) {
    return this.#bot("say", { user: from.telegram, text });
  }

  /** A citizen stops the bot. */
  block(who) {
    return this.#bot("block", { user: who.telegram });
  }

  /** Waits for a message of the bot to somebody that pleases. */
  async chatTo(who, wanted) {
    for (let after = 0; ; ) {
      const got = await this.#order(`/_ctl/sent?after=${after}&wait=30s`);
      if (!got?.length) throw new Error("the bot wrote nothing more");
      const found = got.find((m) => m.chat_id === who.telegram.id && wanted(m));
      if (found) return found;
      after = got.at(-1).n;
    }
  }
}

/** A header's words, encoded where they must be (RFC 2047). */
function word(text) {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
}

let people = 0;

/** A citizen whom nobody has seen before, with a mail address, a phone and Telegram. */
export function citizen(name) {
  const n = ++people;
  const [first, last] = name.split(" ");
  return {
    name,
    first,
    mail: `${first}.${last}.${n}@posta.example`.toLowerCase(),
    phone: `347 555 ${String(1000 + n)}`,
    telegram: { id: 5_550_000_000 + n, first_name: first, last_name: last, username: `${first}_${n}`.toLowerCase(), language_code: "it" },
  };
}
