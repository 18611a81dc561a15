// What a kiosk reads: codes that a scanner types, and codes before its camera. A
// scanner on USB is a keyboard: it types what it read and then Enter, many times
// faster than anybody. Plain script of 2009, as room.js; the camera is used only where
// browser and device have what it takes.
var Scan = (function () {
  "use strict";

  var gap = 80;      // milliseconds between two keys of a scanner, at most
  var shortest = 6;  // characters: the code of an appointment
  var longest = 500;

  // The keys of a keyboard as in the United States, as scanners come: where the
  // computer has another, an address arrives with other signs (":" as "ç"), and is
  // read again by where the keys lie.
  var marks = { Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:", Quote: "'\"", Backquote: "`~", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|" };
  var shifted = ")!@#$%^&*(";

  /** The sign at the place of a key, empty where the browser does not tell places. */
  function lying(e) {
    var code = e.code || "", shift = Boolean(e.shiftKey), m;
    if ((m = /^Key([A-Z])$/.exec(code))) return shift ? m[1] : m[1].toLowerCase();
    if ((m = /^Digit([0-9])$/.exec(code))) return shift ? shifted.charAt(Number(m[1])) : m[1];
    m = Object.prototype.hasOwnProperty.call(marks, code) ? marks[code] : "";
    return m.charAt(shift ? 1 : 0);
  }

  /** Hears the keys; done(readings) gets what was read, as signs and as places of keys. */
  function Wedge(done) {
    this.done = done;
    this.clear();
  }

  Wedge.prototype.clear = function () {
    this.text = "";
    this.places = "";
    this.last = 0;
  };

  /** Takes a key at a time in milliseconds; true when it ended a scan, whose Enter is nobody's touch. */
  Wedge.prototype.key = function (e, at) {
    var text = this.text, places = this.places, quick = at - this.last <= gap;
    this.last = at;
    if (e.key === "Shift" || e.key === "CapsLock") return false; // scanners press it between letters
    if (e.key === "Enter") {
      this.clear();
      if (!quick || text.length < shortest) return false;
      this.done(places && places !== text ? [text, places] : [text]);
      return true;
    }
    if (!e.key || e.key.length !== 1 && e.key !== "Dead") {
      this.clear();
      return false;
    }
    if (!quick || text.length > longest) text = places = "";
    this.text = text + (e.key.length === 1 ? e.key : "");
    this.places = places + lying(e);
    return false;
  };

  // The camera ---------------------------------------------------------------------

  var often = 250; // milliseconds between two looks
  var stream = null, turn = 0;

  function able() {
    return Boolean(window.BarcodeDetector && window.navigator.mediaDevices && window.navigator.mediaDevices.getUserMedia);
  }

  /** What comes later is asked for only where able() found it. */
  function then(promise, good, bad) { promise["then"](good, bad); }

  /** Looks through the camera into a video element; found(readings) once, failed() when there is no picture. */
  function look(video, found, failed) {
    var mine = ++turn, eye;
    function show(s) {
      if (mine !== turn) {
        if (s !== stream) end(s);
        return;
      }
      stream = s;
      video.srcObject = s;
      then(video.play(), read, failed);
    }
    function read() {
      if (mine !== turn) return;
      then(eye.detect(video), function (codes) {
        if (mine !== turn) return;
        if (codes.length && codes[0].rawValue) {
          stop();
          return found([codes[0].rawValue]);
        }
        window.setTimeout(read, often);
      }, function () { window.setTimeout(read, often); }); // between two pictures there is none
    }
    try {
      eye = new window.BarcodeDetector({ formats: ["qr_code"] });
      if (stream) return show(stream);
      then(window.navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" }, audio: false }), show, function () { if (mine === turn) failed(); });
    } catch (e) {
      failed();
    }
  }

  function end(s) {
    s.getTracks().forEach(function (t) { t.stop(); });
  }

  /** Puts the camera out. */
  function stop() {
    turn++;
    if (stream) end(stream);
    stream = null;
  }

  return { Wedge: Wedge, able: able, look: look, stop: stop };
})();
