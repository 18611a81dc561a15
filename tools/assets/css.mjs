// Small surgery on a minified style sheet: enough to leave out whole rules.

/** Splits a block's text into its top-level statements. */
function* statements(css) {
  let depth = 0;
  let from = 0;
  let quote = "";
  for (let i = 0; i < css.length; i++) {
    const c = css[i];
    if (quote) {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") quote = c;
    else if (c === "/" && css[i + 1] === "*") i = css.indexOf("*/", i) + 1;
    else if (css.startsWith("url(", i) && css[i + 4] !== '"' && css[i + 4] !== "'") i = css.indexOf(")", i);
    else if (c === "{") depth++;
    else if ((c === "}" && --depth === 0) || (c === ";" && depth === 0)) {
      yield css.slice(from, i + 1);
      from = i + 1;
    }
  }
  if (css.slice(from).trim()) yield css.slice(from);
}

/** Splits a list of selectors at its top-level commas. */
function selectors(text) {
  const out = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(" || text[i] === "[") depth++;
    else if (text[i] === ")" || text[i] === "]") depth--;
    else if (text[i] === "," && depth === 0) {
      out.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...out, text.slice(from)];
}

/** Leaves out every selector that matches, and the font faces whose text does. */
export function withoutRules(css, selector, face) {
  let out = "";
  for (const s of statements(css)) {
    // comments are blanked, so that what stands in them counts for nothing
    const bare = s.replace(/\/\*[\s\S]*?\*\//g, (c) => " ".repeat(c.length));
    const open = bare.indexOf("{");
    const head = open < 0 ? s : bare.slice(0, open).trim();
    if (open < 0 || head.startsWith("@keyframes")) out += s;
    else if (head.startsWith("@font-face")) out += face.test(s) ? "" : s;
    else if (head.startsWith("@")) {
      const inner = withoutRules(s.slice(open + 1, -1), selector, face);
      if (inner) out += `${head}{${inner}}`;
    } else {
      const kept = selectors(head).filter((one) => !selector.test(one.trim()));
      if (kept.length) out += kept.join(",") + s.slice(open);
    }
  }
  return out;
}

/** Drops the reference to a source map that is not served. */
export function withoutSourceMap(css) {
  return css.replace(/\/\*# sourceMappingURL=[^*]*\*\//g, "");
}
