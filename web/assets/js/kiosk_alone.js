// The kiosk without its server: it goes on giving numbers from its own block,
// says so, and tells the server afterwards (queue 5, point 11). A number is
// written down before anybody sees it, so that none is given twice, whatever
// happens to the machine.
var Alone = (function () {
  "use strict";

  /** base names the kiosk; store is Room.store or what a test puts in its place. */
  function Alone(base, store) {
    this.store = store;
    this.leaseName = "lease:" + base;
    this.givenName = "given:" + base;
  }

  /** The lease of the server, whenever there is one. What was given here meanwhile counts on. */
  Alone.prototype.learn = function (lease) {
    if (!lease) return;
    var own = this.store.get(this.leaseName), series;
    if (own && own.day === lease.day && own.letters === lease.letters) {
      for (series in own.next) if (own.next[series] > (lease.next[series] || 0)) lease.next[series] = own.next[series];
    }
    this.store.set(this.leaseName, lease);
  };

  /** What was given and the server has not heard of. */
  Alone.prototype.given = function () { return this.store.get(this.givenName) || []; };

  /** Whether numbers can be given on that day at that instant. */
  Alone.prototype.able = function (day, now) {
    var lease = this.store.get(this.leaseName);
    return Boolean(lease && lease.day === day && now < lease.until);
  };

  /**
   * Gives a number. want is what would have been asked of the server, key and
   * all. Null when there is no lease for the day, or it cannot be written down.
   */
  Alone.prototype.give = function (want, series, day, now) {
    var lease = this.store.get(this.leaseName), given = this.given(), n, i;
    for (i = 0; i < given.length; i++) if (given[i].key === want.key) return this.labelled(given[i], series, lease);
    if (!this.able(day, now)) return null;
    n = lease.next[series] || 1;
    lease.next[series] = n + 1;
    if (!this.store.set(this.leaseName, lease)) return null;
    var one = { key: want.key, service_id: want.service, "class": want["class"], lang: want.lang, procedure: want.procedure, day: day, number: n, at: now };
    given.push(one);
    if (!this.store.set(this.givenName, given)) return null; // its number is lost, never given twice
    return this.labelled(one, series, lease);
  };

  Alone.prototype.labelled = function (one, series, lease) {
    return { label: series + (lease ? lease.letters : "") + one.number, number: one.number };
  };

  /** The server has heard of these keys. */
  Alone.prototype.heard = function (keys) {
    var left = [], given = this.given(), i;
    for (i = 0; i < given.length; i++) if (keys.indexOf(given[i].key) < 0) left.push(given[i]);
    this.store.set(this.givenName, left);
  };

  return Alone;
})();
