// Kiosks and displays are old machines that stay (queue reference 3, row 14): what
// their pages load is written in the language of 2009 (ECMAScript 5.1), and asks
// of the browser only what it had then, or looks first whether it is there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parse, tokenizer } from "acorn";

const root = new URL("../..", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

/** The scripts that a page loads. */
function scriptsOf(page) {
  const html = read(`web/page/html/${page}`);
  assert.ok(!/<script[^>]*type="module"/.test(html), `${page} loads a module`);
  return [...html.matchAll(/<script src="\{\{asset "([^"]+)"\}\}"/g)].map((m) => m[1]);
}

// What came later, by the name under which scripts would ask for it. Names that
// are looked for first (EventSource, AudioContext, getRandomValues) are not here.
const laterGlobals = new Set(["Promise", "fetch", "Map", "Set", "WeakMap", "WeakSet", "Symbol", "Proxy", "Reflect", "URL", "URLSearchParams", "AbortController", "TextEncoder", "TextDecoder", "IntersectionObserver", "ResizeObserver", "queueMicrotask", "structuredClone", "globalThis", "BigInt"]);
const laterMembers = new Set([
  "includes", "startsWith", "endsWith", "padStart", "padEnd", "repeat", "find", "findIndex", "findLast", "flat", "flatMap", "fill", "at", "replaceAll", "matchAll", "trimStart", "trimEnd", "codePointAt", "normalize",
  "assign", "entries", "values", "fromEntries", "from", "of", "isInteger", "isFinite", "isNaN", "trunc", "sign", "then", "catch", "finally",
  "append", "prepend", "before", "after", "replaceWith", "replaceChildren", "closest", "matches", "remove", "toggleAttribute", "isConnected", "currentScript", "dataset", "randomUUID", "resolvedOptions",
]);
// Our own words of the same name.
const ours = new Set(["Room.fill", "Room.sign"]);

/** What a script asks for that old browsers lack. */
function later(code) {
  const found = [];
  const tokens = [...tokenizer(code, { ecmaVersion: 5, locations: true })];
  tokens.forEach((t, i) => {
    if (t.type.label !== "name") return;
    const dot = tokens[i - 1]?.type.label === ".";
    const line = t.loc.start.line;
    if (!dot && tokens[i + 1]?.type.label !== ":" && laterGlobals.has(t.value)) found.push(`line ${line}: ${t.value}`);
    if (dot && laterMembers.has(t.value) && tokens[i + 1]?.type.label === "(" && !ours.has(`${tokens[i - 2].value}.${t.value}`)) found.push(`line ${line}: .${t.value}()`);
  });
  return found;
}

test("issue 1805: a page of today is found out", () => {
  assert.throws(() => parse("const a = () => 1;", { ecmaVersion: 5 }));
  assert.throws(() => parse("f(a,);", { ecmaVersion: 5 }));
  assert.throws(() => parse("var {a} = b;", { ecmaVersion: 5 }));
  assert.deepEqual(later("fetch('/x'); [1].includes(1); a.then(b); Object.assign({}, a)").length, 4);
  assert.deepEqual(later("Room.fill(e, [k]); s.indexOf('x'); e.appendChild(k)"), []);
});

for (const page of ["room_kiosk.html", "room_display.html"]) {
  const scripts = scriptsOf(page);
  test(`issue 1805: ${page} loads its scripts as old browsers can`, () => assert.ok(scripts.length >= 3, scripts.join(" ")));
  for (const name of scripts) {
    test(`issue 1805: ${name} of ${page} is for old browsers`, () => {
      const code = read(`web/assets/${name}`);
      parse(code, { ecmaVersion: 5 }); // throws with line and column
      assert.deepEqual(later(code), []);
    });
  }
}
