import { duration } from "../render/numbers.ts";
import { finding, notLookedAt, type Finding } from "./finding.ts";
import type { AppReport } from "./report.ts";

const DRIFTS_MS = 2_000;
const WRONG_MS = 30_000;

/** This machine's clock and git. */
export function machineFindings({ skew, git }: Pick<AppReport, "skew" | "git">): readonly Finding[] {
  return [clockFinding(skew), gitFinding(git)];
}

const ABOUT = "this machine";

function clockFinding(skew: AppReport["skew"]): Finding {
  if (skew.kind === "unavailable") return notLookedAt("Clock", ABOUT, skew.reason);
  const off = Math.abs(skew.value);
  const words = `${duration(off)} ${skew.value > 0 ? "ahead of" : "behind"} GitHub's`;
  if (off >= WRONG_MS) return finding("clock-wrong", { about: ABOUT, found: `The clock is ${words}.` });
  if (off >= DRIFTS_MS) return finding("clock-drifts", { about: ABOUT, found: `The clock is ${words}.` });
  return finding("clock-agrees", { about: ABOUT, found: "The clock is within two seconds of GitHub's." });
}

const OLDEST = [2, 38] as const;

function gitFinding(git: AppReport["git"]): Finding {
  if (git.kind === "unavailable") return finding("git-absent", { about: ABOUT, found: git.reason });
  const [major = 0, minor = 0] = git.value.split(".").map(Number);
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return finding(isNew ? "git-found" : "git-old", { about: ABOUT, found: `git ${git.value}.` });
}
