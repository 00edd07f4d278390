import { describe, expect, it } from "vitest";
import { backtestMarkdown, furtherMarkdown, othersMarkdown, unreadMarkdown } from "../../src/backtest/markdown.ts";
import { playedOver } from "../../src/backtest/member.ts";
import type { PastEnd } from "../../src/backtest/pasts.ts";
import { name } from "../../src/core/names.ts";
import { MINUTE } from "../support/member.ts";
import { parse, wordsOf } from "../support/markdown.ts";
import { memberOf } from "./members.ts";
import { pastOf } from "./pasts.ts";

const MEMBER = memberOf("web", { bakeMs: 5 * MINUTE, deadlineMs: 40 * MINUTE });
const PLAYING = { excluded: [], seed: 1, releasesPerMonth: 20, podLabel: "pod", hasPods: true };
const PAST = pastOf({ perWindow: 1500, rate: 0.01, pods: 8, windows: 3000, cluster: 5 });
const FOUND = playedOver(MEMBER, PAST, PLAYING);
const ALL: PastEnd = { kind: "all" };

describe("a back-test in a comment", () => {
  const text = backtestMarkdown(MEMBER, FOUND, ALL);

  it("says first what it comes to, and how often good releases would have been blocked", () => {
    expect(text).toMatch(
      /^\*\*web · prod\*\*: something is to change\.\n\nRead: 25 h to 1970-01-02 01:00 UTC, 3,000 of 3,000 windows measured; /,
    );
    expect(text).toMatch(
      /The gate would have blocked \d+ of \d+ releases of nothing new: [\d.]+ a month at 20 releases \(95%: /,
    );
  });

  it("has a row for each weight: how long good steps take, and what is found", () => {
    expect(text).toContain("| weight | good: half pass after | nine of ten | undecided | x2 | x5 | x10 | +5 points |");
    for (const weight of [5, 25, 50]) expect(text).toMatch(new RegExp(`^\\| ${weight}% \\| .* min \\|`, "m"));
  });

  it("has what is to be written, as it may be pasted", () => {
    const [, fragment = ""] = /```yaml\n([^`]*)\n```/.exec(text) ?? [];
    expect(fragment).toMatch(/^services:\n {2}- names: \["web"\]\n {4}gates:\n {6}errors:\n {8}dispersion: [\d.]+/);
  });

  it("says what cannot be told where pods cannot be told apart", () => {
    const bare = PAST.map((moment) => ({ ...moment, pods: [] }));
    const podless = playedOver(MEMBER, bare, { ...PLAYING, hasPods: false });
    const said = backtestMarkdown(MEMBER, podless, ALL);
    expect(said).toMatch(/^\*\*web · prod\*\*: what the gate does cannot all be told beforehand\./);
    expect(said).toContain("cannot be told: its provider is asked for counts of whole arms.");
    expect(said).toContain("at best, as if requests failed one by one");
    expect(said).not.toContain("The gate would have blocked");
  });

  it.each<[string, PastEnd, string]>([
    ["time", { kind: "late" }, "What is older was not read: that took too long."],
    ["room", { kind: "full" }, "What is older was not read: a comment has room for no more."],
    [
      "an answer",
      { kind: "refused", reason: "Prometheus answered 429 <b>." },
      "cannot be read: Prometheus answered 429 &lt;b&gt;.",
    ],
  ])("says that the past ends for want of %s", (_, end, words) => {
    expect(backtestMarkdown(MEMBER, FOUND, end)).toContain(words);
  });

  it("says of a target that is judged otherwise what was played", () => {
    const judged = memberOf("web", { ...MEMBER.policy, evidence: "health" });
    expect(backtestMarkdown(judged, FOUND, ALL)).toContain("judged by `health`; what is played here is what `compare`");
    expect(text).not.toContain("is judged by");
  });

  it("has a sentence and a next step alone where nothing was counted", () => {
    const silent = PAST.map((moment) => ({ ...moment, stable: undefined, pods: [] }));
    const said = backtestMarkdown(MEMBER, playedOver(MEMBER, silent, PLAYING), ALL);
    expect(said).toContain("No request to stable was counted");
    expect(said).not.toContain("|");
    expect(said).not.toContain("Proposed");
  });
});

describe("who is not played", () => {
  const WEB = { service: name("web"), target: name("prod") };

  it("is told with the reason of the provider as nothing but words, and the next step", () => {
    const said = unreadMarkdown(WEB, "Answered `</details>` @ana #12 ![x](https://example.com/x)");
    expect(wordsOf(parse(said))).toContain("Answered `</details>` @");
    expect(said).not.toMatch(/@ana|#12|!\[x\]\(|<\/details>/);
    expect(said).toMatch(/`tidegate doctor` .*`\/backtest` again\.$/);
  });

  it("is named, as far as there is room", () => {
    const many = Array.from({ length: 23 }, (_, index) => ({ service: name(`s${index}`), target: name("prod") }));
    expect(othersMarkdown(many, "as a comment has room for no more")).toMatch(
      /^Not played, as a comment has room for no more: s0 · prod, .*, s19 · prod and 3 more\. `\/backtest <target>` /,
    );
    expect(furtherMarkdown([WEB])).toContain("`npx tidegate backtest web/prod --days 14`");
    expect(furtherMarkdown([WEB])).not.toContain("larger numbers");
    expect(furtherMarkdown([WEB, { ...WEB, target: name("eu") }])).toContain("write the larger numbers");
    expect(furtherMarkdown([])).toBe("");
  });
});
