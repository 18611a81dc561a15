// Leaves the names of tests that passed only when tried again in
// test-results/flaky.txt, a line each, for tools/test to tell them at its end.
import { rmSync, writeFileSync } from "node:fs";

import { root } from "./town.mjs";

const file = `${root}test-results/flaky.txt`;

export default class Flaky {
  #suite;

  onBegin(_, suite) {
    this.#suite = suite;
    rmSync(file, { force: true });
  }

  onEnd() {
    const names = this.#suite.allTests().filter((t) => t.outcome() === "flaky").map((t) => t.titlePath().filter(Boolean).join(" › "));
    if (names.length > 0) writeFileSync(file, `${names.join("\n")}\n`);
  }

  printsToStdio() {
    return false;
  }
}
