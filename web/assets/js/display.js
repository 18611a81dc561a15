// The display of a room: who is called where, who is next, how long it takes. It
// is told by the server's stream, and when that is silent it says so instead of
// going on as if nothing had happened (queue 5, point 11). Calls are announced one
// after the other: none overrides another (queue 3, row 30). See room.js for the
// language this is written in.
(function () {
  "use strict";
  var h = Room.h, sign = Room.sign, byId = Room.byId, named = Room.named;

  var boot = Room.boot();

  /** Lists that the server leaves out are empty; notices may be this display's own. */
  function whole(s) {
    if (!s.notices || !s.notices.length) s.notices = boot.notices;
    ["calls", "announce", "next", "waits", "notices"].forEach(function (name) { s[name] = s[name] || []; });
    return s;
  }

  var state = whole(boot.state);
  var mine = state.release; // the version of this page
  var clock = new Room.Clock();
  var lang = boot.langs[0];
  var t = Room.phrases(boot.texts[lang]);
  var voice = new Voice(boot.base, boot.voice, boot.volume);

  var staleAfter = 15000;   // silence of the stream, in milliseconds
  var freshCall = 90000;    // older calls are shown and no more announced
  var flashFor = 8000;
  var heard = 0;            // when the stream last said something, by the device
  var asOf = state.now;     // and when that was true
  var stale = false;

  // Announcements ------------------------------------------------------------------

  var line = [];            // calls that wait for their announcement
  var saying = null;        // the one that is announced
  var last = lastOf(state); // up to here all was announced, or too old

  function newer(a, b) { return a.length > b.length || a.length === b.length && a > b; }
  function lastOf(s) {
    var out = "0", i;
    for (i = 0; i < s.announce.length; i++) if (newer(s.announce[i].id, out)) out = s.announce[i].id;
    return out;
  }

  /** Queues what is new, and takes out what was called back. */
  function announceNew() {
    var known = {}, i, c;
    for (i = 0; i < state.announce.length; i++) {
      c = state.announce[i];
      known[c.id] = true;
      if (!newer(c.id, last)) continue;
      last = c.id;
      if (clock.now() - c.at < freshCall) line.push(c);
    }
    line = line.filter(function (c) { return known[c.id]; });
    if (!saying) next();
  }

  function next() {
    saying = line.shift() || null;
    draw();
    if (!saying) return;
    var call = saying, began = new Date().getTime(), short = line.length > 2;
    document.body.setAttribute("data-call", "flash");
    byId("told").textContent = words(call, lang);
    voice.chime(function () { sayAll(call, short ? [lang] : [lang, lang].concat(boot.langs.slice(1)), function () {
      var rest = short ? 3500 : flashFor;
      window.setTimeout(function () {
        document.body.removeAttribute("data-call");
        next();
      }, Math.max(300, rest - (new Date().getTime() - began)));
    }); });
  }

  function words(call, l) {
    var say = Room.phrases(boot.texts[l]), place = placeWord(call.place, l);
    var m = /^([A-Z]*)([0-9]+)$/.exec(call.label) || ["", "", call.label];
    return say("display.said", { letters: m[1].split("").join(", "), number: m[2], place: place });
  }

  /** "Sportello 4", with the word in the language where it is one that we know. */
  function placeWord(place, l) {
    var known = Room.phrases(boot.texts[l])("display.desk"), ours = Room.phrases(boot.texts.it)("display.desk");
    var word = place.word && place.word.toLowerCase() === ours.toLowerCase() ? known : place.word;
    return (word ? word + " " : "") + place.mark;
  }

  function sayAll(call, langs, done) {
    if (!langs.length || !boot.speak) return done();
    voice.say(langs[0], call, words(call, langs[0]), function () {
      document.body.setAttribute("data-voice", voice.who);
      window.setTimeout(function () { sayAll(call, langs.slice(1), done); }, 350);
    });
  }

  // Drawing --------------------------------------------------------------------------

  /** How much the screen holds; a notice takes a line of it. */
  function most() { return state.notices.length || stale ? { list: 3, dense: 6, next: 6 } : { list: 4, dense: 8, next: 6 }; }

  function arrow() { return sign("go", "d-arrow"); }

  function desk(place) { return h("b", { "class": place.mark.length > 3 ? "d-long" : null }, place.mark); }

  function main() {
    var call = saying || state.calls[0], small;
    if (!call) {
      small = state.open ? t("display.nobody") : state.opens ? t("display.shut_opens", { hour: clock.hour(state.opens) }) : t("display.shut");
      return [h("p", { "class": "d-empty" }, small)];
    }
    small = stale ? t("display.last_call", { hour: clock.hour(call.at) }) : saying ? t("display.your_turn") : t("display.called_now");
    return [
      h("div", { "class": "d-number" }, [h("small", {}, small), h("b", {}, Room.spaced(call.label))]), arrow(),
      h("div", { "class": "d-desk" }, [h("small", {}, placeWord({ word: call.place.word, mark: "" }, lang) || t("display.go_to")), desk(call.place)])
    ];
  }

  function rows() {
    var shown = saying || state.calls[0], out = [], i, c, dense = state.calls.length > 6, limit = dense ? most().dense : most().list;
    for (i = 0; i < state.calls.length && out.length < limit; i++) {
      c = state.calls[i];
      if (c.label === (shown && shown.label)) continue;
      out.push(h("li", {}, [h("span", {}, Room.spaced(c.label)), arrow(), desk(c.place)]));
    }
    byId("list").className = "d-list" + (dense ? " d-dense" : "");
    return out;
  }

  function side() {
    var list = [], waits = [], i, w, name;
    if (stale) return [h("h2", {}, t("display.next")), h("p", { "class": "d-ask" }, t("display.stale_next"))];
    for (i = 0; i < state.next.length && i < most().next; i++) list.push(h("li", {}, Room.spaced(state.next[i])));
    for (i = 0; i < state.waits.length; i++) {
      w = state.waits[i];
      if (!w.wait.known) continue;
      name = named(w.names, lang);
      waits.push(h("div", {}, [h("dt", { "class": name.length > 16 ? "d-long" : null }, name), h("dd", {}, w.wait.high <= 5 ? t("display.soon") : w.wait.low + "–" + w.wait.high)]));
    }
    return [
      h("h2", {}, [t("display.next"), state.waiting > list.length ? h("small", {}, t("display.more", { n: state.waiting - list.length })) : null]),
      list.length ? h("ol", { "class": "d-next" }, list) : h("p", { "class": "d-ask" }, t(state.open ? "display.nobody_waits" : "display.shut")),
      waits.length ? h("h2", { "class": "d-second" }, t("display.minutes")) : null,
      waits.length ? h("dl", { "class": "d-waits", id: "waits" }, waits) : null
    ];
  }

  function height(e) { var b = e.getBoundingClientRect(); return b.bottom - b.top; }

  /**
   * Leaves of the waits as many as the screen holds, which is more on one that stands
   * upright and less where names take two lines. What is left out has pages of its own,
   * each for ten seconds.
   */
  function fit() {
    var list = byId("waits"), body = byId("side").parentNode, pages = [[]], used = 0, tall = [], rows = [], i, room;
    if (!list) return;
    for (i = 0; i < list.children.length; i++) {
      rows.push(list.children[i]);
      tall.push(height(list.children[i]));
    }
    Room.fill(list, []); // without them the body is as high as the screen leaves it
    room = body.getBoundingClientRect().bottom - parseFloat(window.getComputedStyle(body).paddingBottom) - list.getBoundingClientRect().top + 1;
    for (i = 0; i < rows.length; i++) {
      if (used && used + tall[i] > room) {
        pages.push([]);
        used = 0;
      }
      pages[pages.length - 1].push(rows[i]);
      used += tall[i];
    }
    Room.fill(list, pages[turn % pages.length]);
  }

  var turn = 0;

  function notice() {
    var box = byId("notice"), n = state.notices, one;
    if (!n.length) return box.setAttribute("hidden", "");
    one = n[turn % n.length];
    Room.fill(box, [sign("warn"), h("p", {}, [h("b", {}, one.title), " ", one.text]), n.length > 1 ? h("small", {}, t("display.notice_of", { n: turn % n.length + 1, all: n.length })) : null]);
    box.removeAttribute("hidden");
  }

  function draw() {
    Room.fill(byId("call"), main());
    Room.fill(byId("list"), rows());
    Room.fill(byId("side"), side());
    byId("title").textContent = state.title;
    var code = byId("code");
    Room.fill(code, state.code && !stale ? [h("span", {}, t("display.code")), h("b", {}, state.code)] : []);
    notice();
    document.body.setAttribute("data-live", stale ? "stale" : "ok");
    var box = byId("stale");
    if (stale) {
      Room.fill(box, [sign("warn"), h("b", {}, t("display.stale", { hour: clock.hour(asOf) })), h("span", {}, t("display.stale_do"))]);
      box.removeAttribute("hidden");
    } else box.setAttribute("hidden", "");
    fit(); // last: what is written above and below takes its place first
  }

  // The server -------------------------------------------------------------------------

  function take(fresh) {
    state = whole(fresh);
    alive(fresh);
    if (!saying && !line.length) Room.renew(mine, fresh.release);
    draw();
    announceNew();
  }

  function alive(fresh) {
    clock.set(fresh);
    heard = new Date().getTime();
    asOf = fresh.now;
    if (stale) {
      stale = false;
      draw();
    }
  }

  var source = null, retry = 0;
  function listen() {
    if (!window.EventSource) return;
    source = new window.EventSource(boot.base + "/events?page=" + mine);
    source.addEventListener("state", function (e) {
      retry = 0;
      take(JSON.parse(e.data));
    });
    source.addEventListener("beat", function (e) { alive(JSON.parse(e.data)); });
    source.onerror = function () {
      source.close();
      source = null;
      window.setTimeout(listen, Math.min(4000, 1000 + 500 * retry++));
    };
  }

  var asked = 0; // when it asked last, by the device

  /** Asks by itself while the stream is silent, so that one broken thing in between is not enough; else once a minute, so that the server knows that it lives. */
  function ask() {
    var at = new Date().getTime();
    if (at - heard < 8000 && at - asked < 60000) return;
    asked = at;
    Room.ask("GET", boot.base + "/state?page=" + mine, null, 5000, function (fault, fresh) { if (!fault) take(fresh); });
  }

  function second() {
    byId("clock").textContent = clock.hour(clock.now());
    var silent = new Date().getTime() - heard > staleAfter;
    if (silent !== stale) {
      stale = silent;
      draw();
    }
    byId("sound").hidden = !voice.mute() || !boot.speak;
  }

  clock.set(state);
  heard = new Date().getTime();
  byId("sound").textContent = t("display.sound_off");
  byId("sound").addEventListener("click", function () { voice.wake(); });
  document.addEventListener("keydown", function () { voice.wake(); });
  draw();
  second();
  window.addEventListener("resize", draw);
  if (document.fonts && document.fonts.addEventListener) document.fonts.addEventListener("loadingdone", draw);
  listen();
  window.setInterval(second, 1000);
  window.setInterval(ask, 4000);
  window.setInterval(function () { turn++; if (!saying) draw(); }, 10000);
})();
