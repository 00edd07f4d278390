import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { name, sha } from "../../src/core/names.ts";
import type { Blob } from "../../src/ports/git.ts";
import type { Base } from "../../src/ports/shared.ts";
import { configReadings, NOTHING_SHARED } from "../../src/reconcile/config-readings.ts";

const OPERATOR = { hosts: ["prometheus.example.com"], forms: FORMS, environment: {}, mounted: () => undefined };
const METRICS = `metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n`;
const REPO = "acme/platform";
const BROKEN = "version: 1\nwave: []\n";
const PROD = name("prod");

function blob(text: string): Blob {
  return { id: sha(createHash("sha1").update(text).digest("hex")), text };
}

const own = (text = "") => blob(`version: 1\n${METRICS}${text}`);
const base = (now: string | undefined, ...before: readonly string[]): Base => ({
  kind: "read",
  repo: REPO,
  now: now === undefined ? undefined : blob(now),
  before: before.map(blob),
});
const ENFORCING = "version: 1\nenforced: { bake: 20m }\n";

const read = (file: Blob, over: Base) => configReadings(OPERATOR, NOTHING_SHARED).config(file, over);
const bakeOf = (file: Blob, over: Base) => {
  const policy = read(file, over).policyFor(PROD, []);
  return policy.kind === "read" ? policy.value.bakeMs / 60_000 : policy.problems.join();
};

describe("a configuration over a shared one", () => {
  it.each<readonly [string, Base, number | string, RegExp]>([
    ["is held to what stands there now", base(ENFORCING, BROKEN), 20, /^$/],
    [
      "is held to its newest version that can be read",
      base(BROKEN, BROKEN, ENFORCING),
      20,
      /:2: wave is unknown.* Its last version that can be read goes\.$/,
    ],
    [
      "is held to the last one where the file is gone",
      base(undefined, ENFORCING),
      20,
      /there is no such file.* Its last version/,
    ],
    ["is by itself where nothing is above it", { kind: "none" }, 10, /^$/],
    [
      "cannot be read where no version can",
      base(BROKEN),
      `${REPO}: .github/tidegate-org.yml:2: wave is unknown: did you mean waves?`,
      /^$/,
    ],
    [
      "cannot be read where there was none ever",
      base(undefined),
      `${REPO}: .github/tidegate-org.yml: there is no such file on its default branch.`,
      /^$/,
    ],
    [
      "cannot be read while that cannot",
      { kind: "unread", repo: REPO, why: "cannot be read" },
      `.github/tidegate.yml: it extends ${REPO}, which cannot be read`,
      /^$/,
    ],
  ])("%s", (_, over, bake, amiss) => {
    expect(bakeOf(own(), over)).toBe(bake);
    expect((read(own(), over).loosened ?? []).join()).toMatch(amiss);
  });

  it("is read anew with each version of it, and each of its own", () => {
    const readings = configReadings(OPERATOR, NOTHING_SHARED);
    const [file, over] = [own(), base(ENFORCING)];
    expect(readings.config(file, over).policyFor).toBe(readings.config(file, over).policyFor);
    const bakes = [base(ENFORCING), base("version: 1\nenforced: { bake: 30m }\n"), { kind: "none" } as const].map(
      (one) => {
        const policy = readings.config(file, one).policyFor(PROD, []);
        return policy.kind === "read" ? policy.value.bakeMs / 60_000 : undefined;
      },
    );
    expect(bakes).toEqual([20, 30, 10]);
  });

  it("says by itself what it can without it", () => {
    const { configByItself, extended } = configReadings(OPERATOR, NOTHING_SHARED);
    const file = blob("version: 1\nextends: acme/platform\nwaves: [{ targets: ['*'], bake: 4m }]\n");
    expect(extended(file)).toBe(REPO);
    const reading = configByItself(file);
    expect(reading.policyFor(PROD, [])).toMatchObject({ kind: "read", value: { bakeMs: 240_000 } });
    expect(reading.metricsFor(PROD)).toMatchObject({
      kind: "refused",
      problems: [expect.stringContaining("there are none")],
    });
  });
});

describe("what is asked of pull requests", () => {
  const asking = own("policy: { newWorkloads: 'off' }\n");
  const rulingOver = (over: Base) => read(asking, over).pulls?.workload("cart", []).ruling;

  it("is what is enforced, also by its last version that can be read", () => {
    const requiring = "version: 1\nenforced: { policy: { newWorkloads: require } }\n";
    expect(rulingOver({ kind: "none" })).toBe("off");
    expect(rulingOver(base(requiring))).toBe("require");
    expect(rulingOver(base(BROKEN, requiring))).toBe("require");
  });

  it("is not known while what is enforced is not, whatever the file says by itself", () => {
    const unread = read(asking, { kind: "unread", repo: REPO, why: "cannot be read" });
    expect([unread.pulls, unread.isBaseUnread]).toEqual([undefined, true]);
    expect(configReadings(OPERATOR, NOTHING_SHARED).configByItself(asking).pulls).toBeUndefined();
    expect(read(blob("version: 1\n"), { kind: "none" }).isBaseUnread).toBe(false);
  });
});
