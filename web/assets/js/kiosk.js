// The kiosk: which service, what it takes, the number. One page that lives all
// day; see room.js for the language it is written in and kiosk_alone.js for what
// it does while the server is away.
(function () {
  "use strict";
  var h = Room.h, sign = Room.sign, byId = Room.byId, named = Room.named;

  /** Lists that the server leaves out are empty. */
  function whole(s) {
    s.groups = s.groups || [];
    s.groups.forEach(function (g) { g.services = g.services || []; });
    return s;
  }

  var boot = Room.boot();
  var state = whole(boot.state);   // as the server told last
  var mine = state.release;        // the version of this page
  var camera = Boolean(state.camera);
  var clock = new Room.Clock();
  var alone = new Alone(boot.base, Room.store);
  var reached = true;              // the server answered last time
  var since = 0;                   // since when it did not
  var lang = boot.langs[0];
  var t = Room.phrases(boot.texts[lang]);
  var low = false, large = false, listen = false;

  var idleAfter = 20, moreTime = 60; // seconds
  var left = 0;                    // until the start, when a step is open

  // What the person in front of it has chosen so far.
  var now = { step: "start" };
  var visit = 0;                   // counts people, so that a late answer meets nobody else

  var ways = { "server": "server", "browser": "browser" };

  // Going ------------------------------------------------------------------------

  function go(step, more) {
    var k;
    now.step = step;
    if (step !== "camera") Scan.stop();
    for (k in more) if (Object.prototype.hasOwnProperty.call(more, k)) now[k] = more[k];
    left = step === "start" ? 0 : idleAfter;
    draw();
    var head = byId("main").querySelector("h1") || byId("board").querySelector("h1");
    if (head) head.focus();
    if (listen) readAloud();
  }

  function startAgain() {
    visit++;
    now = { step: "start" };
    lang = boot.langs[0];
    low = false;
    large = false;
    hush();
    listen = false;
    go("start");
  }

  /** Whether numbers are given now. The hours count on while the server is away. */
  function isOpen() {
    var at = clock.now();
    if (state.open) return !state.shuts || at < state.shuts;
    return Boolean(state.opens) && at >= state.opens && (!state.shuts || at < state.shuts || state.shuts < state.opens);
  }

  // Drawing ----------------------------------------------------------------------

  function key(sig, title, hint, act, more) {
    return h("button", { type: "button", "class": "k-key" + (more ? " " + more : ""), click: act }, [
      sig ? sign(sig) : null,
      h("span", {}, [h("b", {}, title), hint ? h("small", {}, hint) : null])
    ]);
  }

  function mainKey(sig, title, hint, act) {
    var k = key(sig, title, hint, act, "k-main");
    k.appendChild(sign("go", "k-go"));
    return k;
  }

  function back(step) {
    return h("div", { "class": "k-crumb" }, [
      h("button", { type: "button", "class": "k-back", click: function () { go(step); } }, [sign("back"), t("kiosk.back")]),
      h("button", { type: "button", "class": "k-back", click: startAgain }, t("kiosk.start_again"))
    ]);
  }

  function title(words, lead) {
    return h("div", { "class": "k-title" }, [h("h1", { tabindex: "-1" }, words), lead ? h("p", { "class": "k-lead" }, lead) : null]);
  }

  /** "Attesa 10–20 min", or how many wait; nothing while the server is away. */
  function waitShort(w) {
    if (!reached || !w) return "";
    if (w.nobody) return w.from ? t("kiosk.nobody_from", { hour: clock.hour(w.from) }) : t("kiosk.nobody");
    if (!w.known) return t("kiosk.waiting", { n: w.ahead });
    if (w.differ) return w.low ? t("kiosk.wait_from", { low: w.low }) : t("kiosk.wait_from_little");
    if (w.high <= 5) return t("kiosk.wait_little");
    return t("kiosk.wait_short", { low: w.low, high: w.high });
  }

  function waitLong(w) {
    if (w.high <= 5) return t("room.range_little");
    if (!w.low) return t("room.range_under", { high: w.high });
    return t("room.range", { low: w.low, high: w.high });
  }

  function grid(keys) { return h("div", { "class": "k-grid" + (keys.length > 8 ? " k-many" : keys.length < 3 ? " k-few" : "") }, keys); }

  var steps = {};

  steps.start = function () {
    if (!isOpen()) return shut();
    var keys = [], i;
    for (i = 0; i < state.groups.length; i++) keys.push(groupKey(state.groups[i]));
    return [
      title(t("kiosk.title"), t("kiosk.lead")),
      reached && state.check_in ? mainKey("date", t("kiosk.have_appointment"), t(state.reader ? "kiosk.confirm_scan" : "kiosk.confirm_here"), function () { go("code", { code: "", wrong: null }); }) : null,
      !reached ? h("p", { "class": "k-note" }, [sign("date"), h("span", {}, [h("b", {}, t("kiosk.have_appointment_q")), t("kiosk.go_to_reception")])]) : null,
      grid(keys)
    ];
  };

  function groupKey(g) {
    var only = g.services.length === 1;
    return key(g.icon, named(g.names, lang), waitShort(g.wait), function () {
      if (only) chosen(g, g.services[0], "start");
      else go("services", { group: g });
    });
  }

  function shut() {
    var opens = state.opens, day, words = t("kiosk.shut_now");
    if (opens) {
      day = clock.day(opens) === clock.day(clock.now()) ? t("kiosk.opens_today", { hour: clock.hour(opens) })
        : t("kiosk.opens_day", { weekday: t("kiosk.weekday_" + clock.weekday(opens)), hour: clock.hour(opens) });
    }
    return [h("div", { "class": "k-shut" }, [sign("clock"), h("h1", { tabindex: "-1" }, words), day ? h("p", {}, day) : null, h("p", { "class": "k-lead" }, t("kiosk.shut_next"))])];
  }

  steps.services = function () {
    var keys = [], g = now.group;
    g.services.forEach(function (s) {
      keys.push(key("", named(s.names, lang), s.full && reached ? t("kiosk.full") : waitShort(s.wait), function () { chosen(g, s, "services"); }));
    });
    return [back("start"), title(named(g.names, lang), t("kiosk.which_service")), grid(keys)];
  };

  function chosen(group, service, from) {
    var sheets = service["for"] || [];
    now.group = group;
    now.service = service;
    now.from = from;
    now.precedence = false;
    if (sheets.length > 1) go("purpose");
    else go("needs", { sheet: sheets[0] || null, before: from });
  }

  steps.purpose = function () {
    var keys = [];
    now.service["for"].forEach(function (sheet) {
      keys.push(key("", named(sheet.names, lang), "", function () { go("needs", { sheet: sheet, before: "purpose" }); }));
    });
    keys.push(key("", t("kiosk.other_purpose"), t("kiosk.other_purpose_hint"), function () { go("needs", { sheet: null, before: "purpose" }); }));
    return [back(now.from), title(t("kiosk.purpose"), named(now.service.names, lang)), grid(keys)];
  };

  steps.needs = function () {
    var s = now.service, sheet = now.sheet, needs = sheet && sheet.needs || [], list = null;
    if (needs.length) {
      list = h("ul", { "class": "k-needs" }, needs.map(function (n) {
        return h("li", {}, [sign(n.cost ? "euro" : n["if"] ? "help" : "tick"), h("span", {}, named(n.names, lang))]);
      }));
    }
    var doubt = reached && (s.today === "no" || s.today === "perhaps" || s.full);
    var stop = reached && s.today === "no" && !now.precedence; // only somebody with precedence may still be in time
    var take = stop ? null : doubt ? key("ticket", t(s.full ? "kiosk.full" : "kiosk.take_anyway"), "", issue)
      : mainKey("ticket", t(needs.length ? "kiosk.take_all" : "kiosk.take"), "", issue);
    if (s.full && reached && take) take.setAttribute("aria-disabled", "true");
    return [
      back(now.before || now.from),
      reading(h("div", { "class": "k-what" }, [
        title(sheet ? named(sheet.names, lang) : named(s.names, lang), needs.length ? t("kiosk.needs_lead") : t("kiosk.no_needs")), list
      ])),
      doubt ? h("div", { "class": "k-note k-warn", role: "note" }, [sign("warn"), h("span", {}, [h("b", {}, t(s.full ? "kiosk.doubt_full" : "kiosk.doubt_" + s.today)), s.book ? t("kiosk.doubt_book") : t("kiosk.doubt_reception")])]) : null,
      reached && s.wait.nobody ? h("div", { "class": "k-note k-warn", role: "note" }, [sign("warn"), h("span", {}, [h("b", {}, t("room.nobody")), nobodyNow(s.wait)])]) : null,
      reached ? waitBox(s.wait) : null,
      h("div", { "class": "k-foot" }, [
        doubt && s.book ? mainKey("date", t("kiosk.book_other_day"), "", function () { go("book"); }) : null,
        take,
        h("div", { "class": "k-pair" }, [
          needs.length ? key("", t("kiosk.missing"), "", function () { go("missing"); }) : null,
          sheet && sheet.online ? key("", t("kiosk.online"), "", function () { go("online"); }) : null,
          !doubt && s.book && reached ? key("", t("kiosk.book_other_day"), "", function () { go("book"); }) : null
        ]),
        state.precedence ? precedence() : null
      ])
    ];
  };

  /** What is known of when somebody will do the service. */
  function nobodyNow(w) { return w.from ? t("kiosk.nobody_opens", { hour: clock.hour(w.from) }) : t("kiosk.nobody_text"); }

  function waitBox(w) {
    return h("div", { "class": "k-wait" }, [
      w.known ? h("p", {}, [t("kiosk.wait_now"), h("b", {}, w.high <= 5 ? t("kiosk.at_once") : t("kiosk.minutes", { low: w.low, high: w.high }))]) : null,
      h("p", {}, [t("kiosk.before_you"), h("b", {}, t("kiosk.people", { n: w.ahead }))])
    ]);
  }

  /** Who has precedence says so here, and nowhere else will it be seen (queue 4.5). */
  function precedence() {
    return h("button", {
      type: "button", "class": "k-quiet", "aria-pressed": String(Boolean(now.precedence)),
      click: function (e) {
        now.precedence = !now.precedence;
        e.currentTarget.setAttribute("aria-pressed", String(now.precedence));
        if (now.service && now.service.today === "no") go("needs");
      }
    }, [h("i", { "class": "k-box" }, sign("tick")), h("span", {}, [h("b", {}, t("kiosk.precedence")), h("small", {}, t("kiosk.precedence_hint"))])]);
  }

  steps.missing = function () {
    var s = now.service;
    return [
      back("needs"), title(t("kiosk.missing_title"), t("kiosk.missing_lead")),
      s.book && reached ? phone(s.book.qr, t("kiosk.book_phone"), t("kiosk.book_phone_text")) : null,
      h("div", { "class": "k-foot" }, [
        mainKey("help", t("kiosk.ask_reception"), t("kiosk.ask_reception_hint"), startAgain),
        key("ticket", t("kiosk.take_anyway"), "", issue)
      ])
    ];
  };

  /** The same without coming: on the person's own telephone. */
  steps.online = function () {
    var o = now.sheet.online;
    return [
      back("needs"), title(t("kiosk.online"), named(now.sheet.names, lang)),
      phone(o.qr, t("kiosk.online"), t("kiosk.online_text")),
      h("p", { "class": "k-address" }, o.url.replace(/^https?:\/\//, "")),
      h("div", { "class": "k-foot" }, [mainKey("tick", t("kiosk.done"), "", startAgain)])
    ];
  };

  steps.book = function () {
    var b = now.service.book;
    return [
      back("needs"), title(t("kiosk.book_title"), named(now.service.names, lang)),
      phone(b.qr, t("kiosk.book_phone"), t("kiosk.book_phone_text")),
      h("p", { "class": "k-address" }, b.url.replace(/^https?:\/\//, "")),
      h("p", { "class": "k-lead" }, t("kiosk.book_no_phone")),
      h("div", { "class": "k-foot" }, [mainKey("tick", t("kiosk.done"), "", startAgain)])
    ];
  };

  function phone(code, head, text) {
    return h("div", { "class": "k-phone" }, [Room.qr(code, t("kiosk.qr_label")), h("div", {}, [h("h2", {}, head), h("p", {}, text)])]);
  }

  // The number ---------------------------------------------------------------------

  function issue(e) {
    if (now.busy || e && e.currentTarget.getAttribute("aria-disabled") === "true") return; // the second tap of a double one (queue 3, row 28)
    now.busy = true;
    var want = { key: Room.word(), service: now.service.id, "class": now.precedence ? "protected" : "", lang: lang, procedure: now.sheet ? now.sheet.key : "" };
    var series = now.group.series, who = visit;
    go("asking");
    attempt(2);

    function attempt(tries) {
      if (!reached) return later();
      Room.ask("POST", boot.base + "/tickets", want, 4000, function (fault, got) {
        if (!fault) return taken(got);
        if (fault.status >= 400 && fault.status < 500) return refused(fault.code);
        if (tries > 1) return attempt(tries - 1); // the same key: the same number
        lost();
        later();
      });
    }
    function later() {
      var at = clock.now(), got = alone.give(want, series, clock.day(at), at);
      if (who !== visit) return;
      if (!got) return go("sorry", { code: "alone", busy: false });
      go("ticket", { ticket: { label: got.label, service: now.service.names, alone: true }, print: "printing", busy: false });
      print();
    }
    function taken(got) {
      if (who !== visit) return; // nobody is here any more: its number is not printed and ends by itself
      go("ticket", { ticket: got, print: ways[state.printer] ? "printing" : "none", busy: false });
      if (ways[state.printer]) print();
    }
    function refused(code) {
      if (who === visit) go("sorry", { code: code, busy: false });
    }
  }

  steps.asking = function () { return [h("div", { "class": "k-shut", role: "status" }, [sign("ticket"), h("h1", { tabindex: "-1" }, t("kiosk.asking"))])]; };

  steps.ticket = function () {
    var k = now.ticket, waits = k.wait && k.scan !== "called" && k.scan !== "held";
    left = idleAfter + 10;
    return [
      low ? null : title(t(k.scan ? "kiosk.scan_" + k.scan : "kiosk.your_number")),
      reading(h("div", { "class": "k-ticket", role: "status" }, [
        low ? h("h1", { "class": "k-lead", tabindex: "-1" }, t(k.scan ? "kiosk.scan_" + k.scan : "kiosk.your_number")) : null,
        h("p", {}, named(k.service, lang)),
        h("p", { "class": "k-no" }, Room.spaced(k.label)),
        k.place ? h("p", { "class": "k-range" }, [t("kiosk.go_to"), " ", k.place.word ? k.place.word + " " : "", h("b", {}, k.place.mark)]) : null,
        waits && k.wait.known ? h("p", { "class": "k-range" }, t("kiosk.called_in", { range: waitLong(k.wait) })) : null,
        waits && k.wait.nobody ? h("p", { "class": "k-range" }, [t("room.nobody"), ". ", nobodyNow(k.wait)]) : null,
        waits ? h("p", { "class": "k-lead" }, [t("kiosk.people_before", { n: k.wait.ahead }), " ", k.today === "yes" ? t("kiosk.served_today") : k.today ? t("kiosk.doubt_" + k.today) : ""]) : null,
        k.slot ? h("p", { "class": "k-lead" }, t("kiosk.slot", { hour: clock.hour(k.slot) })) : null,
        k.alone ? h("p", { "class": "k-lead" }, t("kiosk.alone_number")) : null
      ])),
      k.qr ? phone(k.qr, t("kiosk.on_phone"), t("kiosk.on_phone_text")) : null,
      k.scan ? null : h("p", { id: "printing", "class": "k-lead", role: "status" }, t("kiosk.print_" + now.print)),
      h("div", { "class": "k-foot" }, [
        mainKey("tick", t("kiosk.finished"), "", startAgain),
        h("div", { "class": "k-pair" }, [
          now.print === "failed" && !k.alone ? key("", t("kiosk.noted"), t("kiosk.noted_hint"), function () { told(true); startAgain(); }) : null,
          now.print !== "none" && now.print !== "printing" ? key("", t(now.print === "failed" ? "kiosk.print_retry" : "kiosk.print_again"), "", function () {
            go("ticket", { print: "printing" });
            print();
          }) : null
        ])
      ])
    ];
  };

  function print() {
    var k = now.ticket, who = visit;
    if (state.printer === "server" && !k.alone) {
      Room.ask("POST", boot.base + "/tickets/" + k.id + "/print", {}, 15000, function (fault, got) {
        if (who === visit) go("ticket", { print: !fault && got.printed ? "printed" : "failed" });
      });
      return;
    }
    if (state.printer !== "browser") return go("ticket", { print: "failed" });
    Room.fill(byId("paper"), paper(k));
    byId("paper").removeAttribute("hidden");
    try { window.print(); } catch (e) { return go("ticket", { print: "failed" }); }
    byId("paper").setAttribute("hidden", "");
    told(true);
    go("ticket", { print: "printed" });
  }

  /** Tells the server that somebody holds the number. */
  function told(ok) {
    var k = now.ticket;
    if (!k.alone) Room.ask("POST", boot.base + "/tickets/" + k.id + "/printed", { ok: ok }, 8000, function () {});
  }

  function paper(k) {
    return [
      h("p", {}, boot.town), h("p", {}, state.site), h("p", { "class": "p-no" }, Room.spaced(k.label)), h("p", {}, named(k.service, lang)),
      h("p", {}, clock.day(clock.now()).split("-").reverse().join("/") + "  " + clock.hour(clock.now())),
      k.wait && k.wait.known ? h("p", {}, t("kiosk.called_in", { range: waitLong(k.wait) })) : null,
      k.wait && k.wait.nobody ? h("p", {}, [t("room.nobody"), ". ", nobodyNow(k.wait)]) : null,
      k.qr ? Room.qr(k.qr, "") : null, k.qr ? h("p", {}, t("kiosk.paper_phone")) : null
    ];
  }

  steps.sorry = function () {
    var id = "kiosk.sorry_" + now.code, known = t(id) !== id, s = now.service;
    return [
      back("start"), title(t("kiosk.sorry"), known ? t(id) : t("kiosk.sorry_other")),
      s && s.book && reached ? phone(s.book.qr, t("kiosk.book_phone"), t("kiosk.book_phone_text")) : null,
      h("div", { "class": "k-foot" }, [mainKey("help", t("kiosk.ask_reception"), t("kiosk.ask_reception_hint"), startAgain)])
    ];
  };

  // Appointments -------------------------------------------------------------------

  var letters = boot.code_letters || "0123456789", most = boot.code_length || 6;

  steps.code = function () {
    var keys = letters.split("").map(function (c) {
      return h("button", { type: "button", "class": "k-digit", click: function () { if (now.code.length < most) typed(now.code + c); } }, c);
    });
    keys.push(h("button", { type: "button", "class": "k-digit k-word", click: function () { typed(now.code.slice(0, -1)); } }, t("kiosk.erase")));
    return [
      back("start"), title(t("kiosk.code_title"), t(state.reader ? "kiosk.code_scan" : "kiosk.code_lead")),
      h("p", { "class": "k-code", id: "code", role: "status", "aria-label": t("kiosk.code_so_far") }, shown(now.code)),
      now.wrong ? h("p", { "class": "k-note k-warn", role: "alert" }, [sign("warn"), h("span", {}, t(t("kiosk.code_" + now.wrong) === "kiosk.code_" + now.wrong ? "kiosk.code_wrong_code" : "kiosk.code_" + now.wrong))]) : null,
      h("div", { "class": "k-pad" + (letters.length > 12 ? " k-pad-wide" : "") }, keys),
      h("div", { "class": "k-foot" }, [mainKey("tick", t("kiosk.code_go"), "", arrive), sees() ? key("card", t("kiosk.camera"), t("kiosk.camera_hint"), function () { go("camera"); }) : null, key("help", t("kiosk.code_lost"), t("kiosk.ask_reception_hint"), startAgain)])
    ];
  };

  /** Whether codes can be read by the camera: where the device may, and the browser can. */
  function sees() { return reached && state.camera && Scan.able(); }

  steps.camera = function () {
    var video = h("video", { "class": "k-video", playsinline: true, "aria-label": t("kiosk.camera_picture") });
    video.muted = true;
    Scan.look(video, read, function () { go("code", { code: "", wrong: "camera" }); });
    return [
      back("start"), title(t("kiosk.camera_title"), t("kiosk.camera_lead")), video,
      h("div", { "class": "k-foot" }, [mainKey("tick", t("kiosk.camera_type"), "", function () { go("code", { code: "", wrong: null }); })])
    ];
  };

  /** A code was read: whoever stands here now holds it, whatever was on the screen. */
  function read(readings) {
    if (now.busy) return;
    if (!reached) return go("code", { code: "", wrong: "away" });
    if (now.step === "ticket" || now.step === "sorry") startAgain();
    now.busy = true;
    var who = visit;
    go("asking");
    Room.ask("POST", boot.base + "/scan", { read: readings }, 8000, function (fault, got) {
      if (who !== visit) return;
      if (fault) return go("code", { code: "", wrong: fault.status ? fault.code || "wrong_code" : "away", busy: false });
      go("ticket", { ticket: got, print: got.scan ? "none" : ways[state.printer] ? "printing" : "none", busy: false });
      if (!got.scan && ways[state.printer]) print();
    });
  }

  function shown(code) {
    var out = code;
    while (out.length < most) out += "·";
    return out.split("").join("\u2009");
  }

  function typed(code) {
    now.code = code;
    now.wrong = null;
    byId("code").textContent = shown(code);
    left = idleAfter;
  }

  function arrive() {
    if (now.busy || !now.code) return;
    now.busy = true;
    var who = visit, code = now.code;
    go("asking");
    Room.ask("POST", boot.base + "/arrive", { code: code, key: Room.word() }, 8000, function (fault, got) {
      if (who !== visit) return;
      if (fault) return go("code", { code: fault.status ? "" : code, wrong: fault.status ? fault.code || "wrong_code" : "away", busy: false });
      go("ticket", { ticket: got, print: ways[state.printer] ? "printing" : "none", busy: false });
      if (ways[state.printer]) print();
    });
  }

  var wedge = new Scan.Wedge(read);

  document.addEventListener("keydown", function (e) {
    if (!e.ctrlKey && !e.altKey && !e.metaKey && wedge.key(e, e.timeStamp || new Date().getTime())) return e.preventDefault();
    if (e.key === "Enter" && now.step === "code" && now.code.length === most && !pressed(document.activeElement)) return arrive();
    if (e.key === "Escape" && now.step !== "start") startAgain();
    if (now.step !== "code" || e.ctrlKey || e.altKey || e.metaKey) return;
    var c = (e.key || "").toUpperCase();
    if (c.length === 1 && letters.indexOf(c) >= 0 && now.code.length < most) typed(now.code + c);
    else if (e.key === "Backspace") typed(now.code.slice(0, -1));
    else return;
    e.preventDefault();
  });

  function pressed(e) { return Boolean(e && e.tagName === "BUTTON"); }

  // Helps ---------------------------------------------------------------------------

  function readAloud() {
    var voice = Room.localVoice(lang), words, u;
    hush();
    if (!voice) return;
    words = byId("main").innerText || byId("main").textContent;
    u = new window.SpeechSynthesisUtterance(words.replace(/\n+/g, ". "));
    u.voice = voice;
    u.lang = voice.lang;
    window.speechSynthesis.speak(u);
  }
  function hush() { if (window.speechSynthesis) window.speechSynthesis.cancel(); }

  function callHelp() {
    if (now.help) return;
    now.help = true;
    frame();
    Room.ask("POST", boot.base + "/help", {}, 8000, function (fault) {
      say(t(fault ? "kiosk.help_away" : "kiosk.help_called"));
    });
  }

  function say(words) {
    var box = byId("said");
    box.textContent = words;
    box.removeAttribute("hidden");
    window.setTimeout(function () { box.setAttribute("hidden", ""); }, 8000);
  }

  // The frame -------------------------------------------------------------------------

  function tool(id, sig, text, pressed, act) {
    return h("button", { type: "button", id: id, "aria-pressed": pressed === null ? null : String(pressed), click: act }, [sign(sig), text]);
  }

  function tools() {
    var list = [
      tool("low", low ? "up" : "down", t(low ? "kiosk.keys_high" : "kiosk.keys_low"), low, function () { low = !low; left = left && idleAfter; draw(); byId("low").focus(); }),
      tool("large", "large", t("kiosk.large"), large, function () { large = !large; left = left && idleAfter; draw(); byId("large").focus(); })
    ];
    if (Room.localVoice(lang)) {
      list.push(tool("listen", "voice", t("kiosk.listen"), listen, function () {
        listen = !listen;
        draw();
        byId("listen").focus();
        if (listen) readAloud(); else hush();
      }));
    }
    list.push(tool("help", "help", t(now.help ? "kiosk.help_coming" : "kiosk.help"), null, callHelp));
    return list;
  }

  function frame() {
    document.documentElement.lang = lang;
    document.title = t("kiosk.page_title") + " · " + boot.town;
    document.body.className = "k" + (low ? " k-low" : "") + (large ? " k-large" : "") + (now.step === "start" ? " k-start" : "");
    Room.fill(byId("langs"), boot.langs.map(function (l) {
      return h("button", { type: "button", lang: l, "aria-pressed": String(l === lang), click: function () {
        lang = l;
        t = Room.phrases(boot.texts[l]);
        left = left && idleAfter;
        draw();
        byId("langs").querySelector("[lang=" + l + "]").focus();
      } }, Room.phrases(boot.texts[l])("room.own_name"));
    }));
    byId("langs").setAttribute("aria-label", t("kiosk.language"));
    byId("tools").setAttribute("aria-label", t("kiosk.tools"));
    Room.fill(byId("tools"), tools());
    byId("tools").className = "k-tools k-tools-" + byId("tools").childNodes.length;
    away();
    tick();
  }

  function away() {
    var box = byId("away");
    if (reached) return box.setAttribute("hidden", "");
    Room.fill(box, [sign("warn"), h("span", {}, [h("b", {}, t("kiosk.away_since", { hour: clock.hour(since) })), t("kiosk.away_text")])]);
    box.removeAttribute("hidden");
  }

  function draw() {
    t = Room.phrases(boot.texts[lang]);
    var main = byId("main"), parts = steps[now.step](), above = [];
    if (low) {
      above = parts.filter(function (p) { return p && p.reading; });
      parts = parts.filter(function (p) { return p && !p.reading; });
    }
    main.className = "k-body k-step-" + now.step;
    Room.fill(main, parts);
    main.scrollTop = 0;
    byId("board").className = "k-board" + (above.length ? " k-reading k-step-" + now.step : "");
    Room.fill(byId("board"), above.length ? above : waits());
    frame();
  }

  /** What is only read: in the low mode it stands above, where nobody has to reach. */
  function reading(e) {
    if (e) e.reading = true;
    return e;
  }

  /** The waits, for the top of the screen in the low mode. */
  function waits() {
    if (!reached || !isOpen()) return [];
    return [h("h2", {}, t("kiosk.wait_now"))].concat(state.groups.map(function (g) {
      return g.wait && h("p", {}, [h("span", {}, named(g.names, lang)), h("b", {}, waitBrief(g.wait))]);
    }));
  }

  function waitBrief(w) {
    if (w.nobody) return w.from ? t("kiosk.nobody_brief_from", { hour: clock.hour(w.from) }) : t("kiosk.nobody_brief");
    if (w.differ) return t("kiosk.min_from", { low: Math.max(1, w.low || 0) });
    if (!w.known) return t("kiosk.people", { n: w.ahead });
    return w.high <= 5 ? t("kiosk.at_once") : t("kiosk.min_short", { low: w.low, high: w.high });
  }

  // Time ------------------------------------------------------------------------------

  function touched() { if (left && left < idleAfter) left = idleAfter; idleBox(); }

  function idleBox() {
    var box = byId("idle");
    if (!left) return box.setAttribute("hidden", "");
    byId("idle-words").textContent = t("kiosk.idle", { n: left });
    byId("idle-more").textContent = t("kiosk.more_time");
    box.setAttribute("aria-label", t("kiosk.time"));
    box.removeAttribute("hidden");
  }

  var openBefore = isOpen();
  function tick() {
    byId("clock").textContent = clock.hour(clock.now());
    idleBox();
  }
  function second() {
    tick();
    if (left && !now.busy && --left === 0) startAgain();
    if (left === 10 || left === idleAfter) byId("spoken").textContent = t("kiosk.idle", { n: left });
    if (isOpen() !== openBefore) { // it opens and shuts by itself (queue 3, row 14)
      openBefore = isOpen();
      if (now.step === "start") draw();
    }
  }

  // The server ------------------------------------------------------------------------

  function lost() {
    if (!reached) return;
    reached = false;
    since = clock.now();
    redraw();
  }

  /** Draws what stands on the screen again, without taking the place from under a finger, or the focus from whoever has it. */
  function redraw() {
    if (now.step !== "start") return frame();
    var main = byId("main"), which = "h1, button", before = main.querySelectorAll(which), at = -1, i;
    for (i = 0; i < before.length; i++) if (before[i] === document.activeElement) at = i;
    draw();
    if (at >= 0 && main.querySelectorAll(which)[at]) main.querySelectorAll(which)[at].focus();
  }

  var failures = 0;
  function poll() {
    Room.ask("GET", boot.base + "/state?page=" + mine, null, 5000, function (fault, fresh) {
      window.setTimeout(poll, fault ? 2000 : 5000);
      if (fault) {
        if (++failures >= 2) lost();
        return;
      }
      failures = 0;
      var before = JSON.stringify(state.groups) + reached;
      state = whole(fresh);
      reached = true;
      clock.set(state);
      alone.learn(state.lease);
      reconcile();
      if (now.step === "start") {
        Room.renew(mine, state.release);
        if (Boolean(state.camera) !== camera) Room.renew("camera " + camera, "camera " + state.camera); // only a page that came with it may ask for it
      }
      if (JSON.stringify(state.groups) + reached !== before) redraw();
    });
  }

  var reconciling = false;
  function reconcile() {
    var given = alone.given();
    if (reconciling || !given.length) return;
    reconciling = true;
    Room.ask("POST", boot.base + "/reconcile", { tickets: given }, 30000, function (fault, got) {
      reconciling = false;
      if (fault) return;
      alone.heard(got.tickets.map(function (x) { return x.key; }));
    });
  }

  // Start -----------------------------------------------------------------------------

  byId("idle-more").addEventListener("click", function () { left = moreTime; tick(); });
  document.addEventListener("pointerdown", touched);
  document.addEventListener("touchstart", touched);
  document.addEventListener("keydown", touched);
  if (window.speechSynthesis) window.speechSynthesis.onvoiceschanged = function () { frame(); };
  clock.set(state);
  alone.learn(state.lease);
  draw();
  window.setInterval(second, 1000);
  window.setTimeout(poll, 1000);
})();
