// What the display says aloud: first the chime, made here, then number and
// counter. The voice is one of this device, or words that were recorded when the
// program was built (assets/vendor/voice); nothing is ever asked of a service
// (queue 3, row 31). In the language of room.js.
var Voice = (function () {
  "use strict";

  /** clips are addresses of recorded words by language: {it: {sound, index}}. */
  function Voice(clips) {
    var Context = window.AudioContext || window.webkitAudioContext;
    this.clips = clips;
    this.loaded = {};
    this.audio = null;
    try { this.audio = Context ? new Context() : null; } catch (e) { /* no sound: the flash remains */ }
  }

  /** Whether the browser waits for a touch before it makes a sound. */
  Voice.prototype.mute = function () { return !this.audio || this.audio.state === "suspended"; };

  Voice.prototype.wake = function () { if (this.audio && this.audio.resume) this.audio.resume(); };

  /** Two tones, a third apart. done is called when they have faded. */
  Voice.prototype.chime = function (done) {
    var audio = this.audio, at;
    if (this.mute()) return window.setTimeout(done, 300);
    at = audio.currentTime + 0.02;
    [[659.3, 0], [523.3, 0.45]].forEach(function (note) {
      var tone = audio.createOscillator(), loud = audio.createGain(), from = at + note[1];
      tone.type = "sine";
      tone.frequency.value = note[0];
      loud.gain.setValueAtTime(0.0001, from);
      loud.gain.exponentialRampToValueAtTime(0.5, from + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.9);
      tone.connect(loud);
      loud.connect(audio.destination);
      tone.start(from);
      tone.stop(from + 1);
    });
    window.setTimeout(done, 1300);
  };

  /** What is heard of a call, in pieces: ["a", "131", "sportello", "4"]. */
  Voice.pieces = function (label, place) {
    var m = /^([A-Z]*)([0-9]+)$/.exec(label), out = [], i;
    if (!m) return [];
    for (i = 0; i < m[1].length; i++) out.push(m[1].charAt(i).toLowerCase());
    out.push(m[2]);
    if (place.word) out.push(place.word.toLowerCase());
    out.push(place.mark.toLowerCase());
    return out;
  };

  /** The parts that make a number in a language of the index: "131" is "100" and "31". */
  Voice.number = function (digits, known) {
    var n = parseInt(digits, 10), out = [], rest;
    if (known[String(n)]) return [String(n)];
    if (n >= 1000) {
      if (!known[Math.floor(n / 1000) + "000"]) return spelled(digits);
      out.push(Math.floor(n / 1000) + "000");
      n %= 1000;
    }
    if (n >= 100) {
      out.push(Math.floor(n / 100) + "00");
      n %= 100;
    }
    rest = String(n);
    if (n > 0) out.push(rest);
    for (n = 0; n < out.length; n++) if (!known[out[n]]) return spelled(digits);
    return out;
    function spelled(d) { return String(parseInt(d, 10)).split(""); }
  };

  /** Says a call in a language. done is called at the end, also when nothing could be said. */
  Voice.prototype.say = function (lang, label, place, words, done) {
    var local = Room.localVoice(lang), over = false, self = this, guard;
    function end() {
      if (over) return;
      over = true;
      window.clearTimeout(guard);
      done();
    }
    guard = window.setTimeout(end, 12000); // a voice that never ends must not stop the others
    if (local) {
      var u = new window.SpeechSynthesisUtterance(words);
      u.voice = local;
      u.lang = local.lang;
      u.rate = 0.92;
      u.onend = u.onerror = end;
      window.speechSynthesis.speak(u);
      return;
    }
    if (this.mute() || !this.clips[lang]) return end();
    this.load(lang, function (clip) {
      if (!clip) return end();
      self.play(clip, self.script(clip.index, label, place), end);
    });
  };

  /** Which clips to play: those of a place that has no clip are left out, as the screen shows it. */
  Voice.prototype.script = function (index, label, place) {
    var out = [], pieces = Voice.pieces(label, place), i, p;
    for (i = 0; i < pieces.length; i++) {
      p = pieces[i];
      if (/^[0-9]+$/.test(p)) out = out.concat(Voice.number(p, index));
      else if (index[p]) out.push(p);
      else if (i >= pieces.length - 2 && index.screen) return out.concat(["screen"]);
    }
    return out;
  };

  /** Fetches the words of a language once: one file of sound, 8-bit mu-law (ITU-T G.711), and where each word is. */
  Voice.prototype.load = function (lang, done) {
    var self = this, clip = this.clips[lang], x;
    if (this.loaded[lang]) return done(this.loaded[lang]);
    Room.ask("GET", clip.index, null, 10000, function (fault, index) {
      if (fault) return done(null);
      x = new XMLHttpRequest();
      x.open("GET", clip.sound, true);
      x.responseType = "arraybuffer";
      x.timeout = 20000;
      x.onload = function () {
        if (x.status !== 200) return done(null);
        self.loaded[lang] = { index: index.words, rate: index.rate, bytes: new Uint8Array(x.response) };
        done(self.loaded[lang]);
      };
      x.onerror = x.ontimeout = function () { done(null); };
      x.send();
    });
  };

  /** A sample of mu-law as a number between -1 and 1. */
  function linear(b) {
    b = ~b & 255;
    var value = (((b & 15) << 3) + 132 << ((b & 112) >> 4)) - 132;
    return (b & 128 ? -value : value) / 32768;
  }

  Voice.prototype.play = function (clip, script, done) {
    var audio = this.audio, pause = Math.round(clip.rate * 0.12), length = 0, at = 0, i, j, span, buffer, to, source;
    for (i = 0; i < script.length; i++) length += clip.index[script[i]][1] + pause;
    if (!length) return done();
    buffer = audio.createBuffer(1, length, clip.rate);
    to = buffer.getChannelData(0);
    for (i = 0; i < script.length; i++) {
      span = clip.index[script[i]];
      for (j = 0; j < span[1]; j++) to[at + j] = linear(clip.bytes[span[0] + j]);
      at += span[1] + pause;
    }
    source = audio.createBufferSource();
    source.buffer = buffer;
    source.connect(audio.destination);
    source.onended = done;
    source.start();
  };

  return Voice;
})();
