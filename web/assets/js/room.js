// What kiosk and display have in common. Plain scripts in the language of 2009,
// because these machines are old and stay (queue 3, row 14): no modules, no
// promises, no arrow functions; tools/assets/old.test.mjs holds them to it.
var Room = (function () {
  "use strict";
  var svgSpace = "http://www.w3.org/2000/svg";

  /** Makes an element. Attributes that are null, false or undefined are left out; texts never become markup. */
  function h(tag, attributes, children) {
    var e = document.createElement(tag), name, i;
    for (name in attributes) {
      if (!Object.prototype.hasOwnProperty.call(attributes, name)) continue;
      var value = attributes[name];
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") e.addEventListener(name, value);
      else e.setAttribute(name, value === true ? "" : value);
    }
    children = children === undefined || children === null ? [] : children;
    if (!(children instanceof Array)) children = [children];
    for (i = 0; i < children.length; i++) {
      var c = children[i];
      if (c === null || c === undefined || c === false) continue;
      e.appendChild(typeof c === "object" ? c : document.createTextNode(String(c)));
    }
    return e;
  }

  /** A sign of the page's own sheet. */
  function sign(name, more) {
    var svg = document.createElementNS(svgSpace, "svg"), use = document.createElementNS(svgSpace, "use");
    svg.setAttribute("class", "draw" + (more ? " " + more : ""));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    use.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:href", "#s-" + name);
    use.setAttribute("href", "#s-" + name);
    svg.appendChild(use);
    return svg;
  }

  /** Draws a QR code ({side, path}). */
  function qr(code, label) {
    var svg = document.createElementNS(svgSpace, "svg");
    svg.setAttribute("class", "qr");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    svg.setAttribute("viewBox", "0 0 " + code.side + " " + code.side);
    svg.setAttribute("shape-rendering", "crispEdges");
    var ground = document.createElementNS(svgSpace, "path"), black = document.createElementNS(svgSpace, "path");
    ground.setAttribute("fill", "#fff");
    ground.setAttribute("d", "M0 0h" + code.side + "v" + code.side + "H0z");
    black.setAttribute("d", code.path);
    svg.appendChild(ground);
    svg.appendChild(black);
    return svg;
  }

  /** Empties an element and fills it again. */
  function fill(e, children) {
    while (e.firstChild) e.removeChild(e.firstChild);
    for (var i = 0; i < children.length; i++) if (children[i]) e.appendChild(children[i]);
  }

  function byId(id) { return document.getElementById(id); }

  /** The texts of a language: t(id, {n: 3}). What is missing shows its id. */
  function phrases(texts) {
    return function (id, values) {
      var p = texts[id], name, s;
      if (!p) return id;
      s = p.one && values && values.n === 1 ? p.one : p.other;
      for (name in values) if (Object.prototype.hasOwnProperty.call(values, name)) s = s.split("{" + name + "}").join(values[name]);
      return s;
    };
  }

  /** A name in a language, else in Italian, else in any. */
  function named(names, lang) {
    if (!names) return "";
    if (names[lang]) return names[lang];
    if (names.it) return names.it;
    for (var k in names) if (names[k]) return names[k];
    return "";
  }

  /**
   * Asks the server. done(fault, answer): fault is null, or {status, code};
   * status 0 means that no answer came.
   */
  function ask(method, url, body, within, done) {
    var x = new XMLHttpRequest(), over = false;
    function end(fault, answer) {
      if (over) return;
      over = true;
      done(fault, answer);
    }
    try {
      x.open(method, url, true);
      x.timeout = within;
      if (body !== null) x.setRequestHeader("Content-Type", "application/json");
      x.setRequestHeader("Accept", "application/json");
      x.onreadystatechange = function () {
        if (x.readyState !== 4 || x.status === 0) return;
        var answer = null;
        try { answer = x.responseText ? JSON.parse(x.responseText) : null; } catch (e) { return end({ status: 0 }); } // a page of something in between
        if (x.status >= 200 && x.status < 300) end(null, answer);
        else end({ status: x.status, code: answer && answer.code, answer: answer });
      };
      x.onerror = x.ontimeout = x.onabort = function () { end({ status: 0 }); };
      x.send(body === null ? null : JSON.stringify(body));
    } catch (e) {
      end({ status: 0 });
    }
  }

  /** The municipality's time, whatever the device's clock says. */
  function Clock() { this.skew = 0; this.offset = 0; }
  Clock.prototype.set = function (state) {
    this.skew = state.now - new Date().getTime();
    this.offset = state.offset;
  };
  Clock.prototype.now = function () { return new Date().getTime() + this.skew; };
  function two(n) { return n < 10 ? "0" + n : String(n); }
  /** "11:04". */
  Clock.prototype.hour = function (ms) {
    var d = new Date(ms + this.offset * 60000);
    return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes());
  };
  /** "2026-11-17". */
  Clock.prototype.day = function (ms) {
    var d = new Date(ms + this.offset * 60000);
    return d.getUTCFullYear() + "-" + two(d.getUTCMonth() + 1) + "-" + two(d.getUTCDate());
  };
  /** The weekday, 0 for Sunday. */
  Clock.prototype.weekday = function (ms) { return new Date(ms + this.offset * 60000).getUTCDay(); };

  /** A number as people read it: "A 131". */
  function spaced(label) { return label.replace(/^([^0-9]+)([0-9])/, "$1\u00a0$2"); }

  /** A word that nobody else makes, for the touch of a key. */
  function word() {
    var s = "", i, crypto = window.crypto || window.msCrypto;
    if (crypto && crypto.getRandomValues && window.Uint32Array) {
      var r = crypto.getRandomValues(new Uint32Array(4));
      for (i = 0; i < 4; i++) s += r[i].toString(36);
      return s;
    }
    for (i = 0; i < 4; i++) s += Math.floor(Math.random() * 4294967296).toString(36);
    return s + new Date().getTime().toString(36);
  }

  /** What the device remembers; where it may not remember, get gives null and set false. */
  var store = {
    get: function (name) {
      try { return JSON.parse(window.localStorage.getItem(name)); } catch (e) { return null; }
    },
    set: function (name, value) {
      try {
        window.localStorage.setItem(name, JSON.stringify(value));
        return true;
      } catch (e) { return false; }
    }
  };

  /** A voice of this device for a language, or null. One that speaks over the network is none (queue 3, row 31). */
  function localVoice(lang) {
    var voices = window.speechSynthesis && window.speechSynthesis.getVoices ? window.speechSynthesis.getVoices() : [];
    for (var i = 0; i < voices.length; i++) {
      if (voices[i].localService === true && voices[i].lang.toLowerCase().slice(0, 2) === lang) return voices[i];
    }
    return null;
  }

  var born = new Date().getTime(), patience = 300000;

  /**
   * Loads the page anew when the server has another version (theirs) than this page
   * (mine). While a change goes from machine to machine they answer in turns: for one
   * version it is done once in five minutes.
   */
  function renew(mine, theirs) {
    var at = new Date().getTime(), last = store.get("renewed");
    if (!theirs || theirs === mine) return;
    if (last && last.to === theirs && Math.abs(at - last.at) < patience) return;
    if (!store.set("renewed", { to: theirs, at: at }) && at - born < patience) return;
    window.location.reload();
  }

  /** The data that the page came with. */
  function boot() { return JSON.parse(byId("boot").textContent); }

  return { h: h, sign: sign, qr: qr, fill: fill, byId: byId, phrases: phrases, named: named, ask: ask, Clock: Clock, spaced: spaced, word: word, store: store, localVoice: localVoice, renew: renew, boot: boot };
})();
