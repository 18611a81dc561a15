// What the display says aloud: first the chime, made here, then number and
// counter. The voice is the server's (a program of its own machine), else one of
// this device that needs no network (queue 3, row 31), else there is chime and
// flash alone. In the language of room.js.
var Voice = (function () {
  "use strict";

  /** base names the display; served tells that the server speaks; volume is 1 to 100. */
  function Voice(base, served, volume) {
    var Context = window.AudioContext || window.webkitAudioContext;
    this.base = base;
    this.served = served;
    this.audio = null;
    this.loud = (volume || 100) / 100;
    this.who = "none"; // who spoke last: "server", "device" or "none"
    try { this.audio = Context ? new Context() : null; } catch (e) { /* no sound: the flash remains */ }
  }

  /** Whether the browser waits for a touch before it makes a sound. */
  Voice.prototype.mute = function () { return !this.audio || this.audio.state === "suspended"; };

  Voice.prototype.wake = function () { if (this.audio && this.audio.resume) this.audio.resume(); };

  /** Two tones, a third apart. done is called when they have faded. */
  Voice.prototype.chime = function (done) {
    var self = this, audio = this.audio, at;
    if (this.mute()) return window.setTimeout(done, 300);
    at = audio.currentTime + 0.02;
    [[659.3, 0], [523.3, 0.45]].forEach(function (note) {
      var tone = audio.createOscillator(), loud = audio.createGain(), from = at + note[1];
      tone.type = "sine";
      tone.frequency.value = note[0];
      loud.gain.setValueAtTime(0.0001, from);
      loud.gain.exponentialRampToValueAtTime(0.5 * self.loud, from + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.9);
      tone.connect(loud);
      loud.connect(audio.destination);
      tone.start(from);
      tone.stop(from + 1);
    });
    window.setTimeout(done, 1300);
  };

  /** Says a call in a language. done is called once, at the end, also when nothing could be said. */
  Voice.prototype.say = function (lang, call, words, done) {
    var self = this, over = false, guard;
    function end() {
      if (over) return;
      over = true;
      window.clearTimeout(guard);
      done();
    }
    guard = window.setTimeout(end, 15000); // a voice that never ends must not stop the others
    function device() { if (!over) self.device(lang, words, end); }
    if (!this.served || this.mute()) return device();
    this.fetch(this.base + "/say/" + call.id + "/" + lang, function (sound) {
      if (!sound) return device();
      self.play(sound, end, device);
    });
  };

  /** Speaks with a voice of this device. */
  Voice.prototype.device = function (lang, words, end) {
    var local = Room.localVoice(lang), u;
    this.who = local ? "device" : "none";
    if (!local) return end();
    u = new window.SpeechSynthesisUtterance(words);
    u.voice = local;
    u.lang = local.lang;
    u.rate = 0.92;
    u.volume = this.loud;
    u.onend = u.onerror = end;
    window.speechSynthesis.speak(u);
  };

  /** Fetches a sound; null when there is none. */
  Voice.prototype.fetch = function (url, done) {
    var x = new XMLHttpRequest();
    x.open("GET", url, true);
    x.responseType = "arraybuffer";
    x.timeout = 5000;
    x.onload = function () { done(x.status === 200 ? x.response : null); };
    x.onerror = x.ontimeout = x.onabort = function () { done(null); };
    x.send();
  };

  /** Plays a sound file; fail is called when it cannot be read. */
  Voice.prototype.play = function (sound, end, fail) {
    var self = this, audio = this.audio;
    try { audio.decodeAudioData(sound, start, fail); } catch (e) { fail(); }
    function start(buffer) {
      var source = audio.createBufferSource(), loud = audio.createGain();
      self.who = "server";
      source.buffer = buffer;
      loud.gain.value = self.loud;
      source.connect(loud);
      loud.connect(audio.destination);
      source.onended = end;
      source.start();
    }
  };

  return Voice;
})();
