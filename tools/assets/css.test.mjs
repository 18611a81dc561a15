// node --test tools/assets
import assert from "node:assert/strict";
import { test } from "node:test";

import { withoutRules, withoutSourceMap } from "./css.mjs";

const drop = (css) => withoutRules(css, /\.gone/, /Bad/);

for (const [name, css, want] of [
  ["a rule", ".gone{a:b}.kept{c:d}", ".kept{c:d}"],
  ["one selector of several", ".gone,.kept{a:b}", ".kept{a:b}"],
  ["a comma inside :is() parts nothing", ":is(.gone,.a),.kept{a:b}", ".kept{a:b}"],
  ["rules inside @media", "@media (x){.gone{a:b}.kept{c:d}}", "@media (x){.kept{c:d}}"],
  ["an @media that gets empty", "@media (x){.gone{a:b}}.kept{c:d}", ".kept{c:d}"],
  ["a font face", "@font-face{font-family:Bad}@font-face{font-family:Good}", "@font-face{font-family:Good}"],
  ["keyframes stay whole", "@keyframes k{from{a:b}to{c:d}}", "@keyframes k{from{a:b}to{c:d}}"],
  ["braces in strings and addresses", '.a{content:"}"}.b{background:url(data:x;{})}.gone{a:b}', '.a{content:"}"}.b{background:url(data:x;{})}'],
  ["statements without a block", '@charset "utf-8";.gone{a:b}.kept{c:d}', '@charset "utf-8";.kept{c:d}'],
  ["comments before a rule", "/* x{ */.gone{a:b}/* y */.kept{c:d}", ".kept{c:d}"],
]) {
  test(name, () => assert.equal(drop(css).replace(/\/\*.*?\*\//g, ""), want));
}

test("the source map is not named", () => assert.equal(withoutSourceMap("a{b:c}/*# sourceMappingURL=x.css.map */"), "a{b:c}"));
