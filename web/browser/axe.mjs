// axe-core, run in the page itself: four times as quick as by its builder,
// which opens another page for each look.
import { createRequire } from "node:module";

const { source } = createRequire(import.meta.resolve("@axe-core/playwright"))("axe-core");

const options = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
  iframes: false, // the frames of mail run nothing, so that axe cannot look inside
};

/** What axe finds on a page as it stands: a line for each place. */
export async function findings(page) {
  await page.evaluate(`${source};0`);
  const found = await page.evaluate((o) => window.axe.run({ exclude: [["iframe.frame"]] }, o), options);
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.html.slice(0, 120)}`));
}
