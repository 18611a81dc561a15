// Copies what the pages need out of the npm packages into web/assets/vendor,
// which is embedded into the binary and not committed. Run: npm run assets
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { withoutRules, withoutSourceMap } from "./css.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = join(root, "node_modules");
const vendor = join(root, "web", "assets", "vendor");
const italia = join(modules, "bootstrap-italia", "dist");

/** The faces of Titillium Web that the styles declare. */
const faces = ["regular", "600", "700"];

function fresh() {
  if (!existsSync(italia)) {
    throw new Error("node_modules is missing: run npm ci --ignore-scripts first");
  }
  mkdirSync(vendor, { recursive: true });
  for (const name of readdirSync(vendor)) {
    if (name !== ".keep") rmSync(join(vendor, name), { recursive: true });
  }
  mkdirSync(join(vendor, "fonts"));
  mkdirSync(join(vendor, "img"));
}

/** Undoes %XX and leaves a lone "%" as it is, as browsers do. */
function unescape(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
}

/** Pictures inside the style sheet become files: the pages allow no data: address. */
function pictures(css) {
  const kind = /url\((?:"(data:image\/svg\+xml[^"]*)"|(data:image\/svg\+xml[^)]*))\)/g;
  return css.replace(kind, (_, quoted, bare) => {
    const address = quoted ?? bare;
    const at = address.indexOf(",");
    const body = address.slice(at + 1);
    const svg = address.slice(0, at).includes("base64") ? Buffer.from(body, "base64").toString() : unescape(body.trim());
    const name = `${createHash("sha256").update(svg).digest("hex").slice(0, 12)}.svg`;
    writeFileSync(join(vendor, "img", name), svg);
    return `url(img/${name})`;
  });
}

function styles() {
  let css = readFileSync(join(italia, "css", "bootstrap-italia.min.css"), "utf8");
  // Players and carousels are not used, and bring a data: font that the
  // content security policy would report on each page.
  // Its rings follow a mark that its own script sets on each click; ours follow
  // :focus-visible, which needs none.
  css = withoutRules(css, /data-focus-mouse|^(\.video-js|\.vjs-|\.splide|\.video-|video::)|\.vjs-|\.video-js|\.splide/, /VideoJS/);
  css = pictures(withoutSourceMap(css));
  if (/url\(["']?data:/.test(css)) throw new Error("a data: address is left in the style sheet");
  writeFileSync(join(vendor, "bootstrap-italia.css"), css);
}

function signs() {
  const wanted = readFileSync(join(root, "web", "assets", "icons.txt"), "utf8").split("\n").filter((l) => l && !l.startsWith("#"));
  const all = readFileSync(join(italia, "svg", "sprites.svg"), "utf8");
  const symbols = wanted.map((name) => {
    const found = all.match(new RegExp(`<symbol id="it-${name}"[\\s\\S]*?</symbol>`));
    if (!found) throw new Error(`no sign it-${name} in bootstrap-italia: correct web/assets/icons.txt`);
    return found[0];
  });
  writeFileSync(join(vendor, "sprites.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function copies() {
  for (const face of faces) {
    const name = `titillium-web-v10-latin-ext_latin-${face}.woff2`;
    copyFileSync(join(italia, "fonts", "Titillium_Web", name), join(vendor, "fonts", `titillium-${face}.woff2`));
  }
  copyFileSync(join(italia, "fonts", "Titillium_Web", "OFL.txt"), join(vendor, "fonts", "OFL.txt"));
  copyFileSync(join(modules, "htmx.org", "dist", "htmx.min.js"), join(vendor, "htmx.min.js"));
}

fresh();
styles();
signs();
copies();
console.log(`assets copied to web/assets/vendor`);
