// Builds the town once for all tests, unless TOWN names one that is built.
import { execFileSync } from "node:child_process";

import { program, root } from "./town.mjs";

export default function build() {
  if (process.env.TOWN) return;
  execFileSync("go", ["build", "-o", program, "./web/browser/town"], { cwd: root, stdio: "inherit" });
}
