import { describe, expect, it } from "vitest";
import { sha, type Sha } from "../../src/core/names.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { Report } from "../../src/core/report.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { Commit } from "../../src/ports/git.ts";
import type { ReportsOf } from "../../src/ports/forge.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { withReport, type Ears } from "../../src/reconcile/reports.ts";
import { BUMP, inFlight, MINUTE, waiting, windows } from "../support/member.ts";

const REPORTS = { by: "acme-argocd[bot]", of: { kind: "status", label: "argocd/{service}" }, afterMs: 0 } as const;
const POLICY = { reports: REPORTS } as const;
/** The tracked branch's commit by its age: 0 is the head. */
const at = (age: number): Sha => sha(age.toString(16).padStart(40, "0"));
const AGES = Array.from({ length: 200 }, (_, age) => age);

const commitAt = (age: number): Commit => ({
  sha: at(age),
  parents: [at(age + 1)],
  at: 0,
  message: "",
  author: "ben",
  ours: false,
});

type Said = {
  /** The age of the newest change of each file of the member's. */
  readonly changes: Readonly<Record<string, number>>;
  readonly says: (commits: readonly Sha[]) => readonly Report[];
};

/** What is heard of a branch, and what was asked for: the ages of commits, a list for each time. */
function ears({ changes, says }: Said) {
  const asked: (readonly number[])[] = [];
  const sources: ReportsOf[] = [];
  const all: Ears = {
    head: at(0),
    memory: freshMemory(),
    git: {
      commit: async (id) => commitAt(AGES.find((age) => at(age) === id) ?? 0),
      history: async (_, path) => {
        const age = Object.entries(changes).find(([name]) => path.endsWith(name))?.[1];
        return age === undefined ? [] : [commitAt(age)];
      },
    },
    forge: {
      reports: async (source, commits) => {
        sources.push(source);
        asked.push(commits.map((id) => AGES.find((age) => at(age) === id) ?? -1));
        return says(commits);
      },
    },
  };
  return { all, asked, sources };
}

const blind = (of: Member): Member => ({ ...of, timeline: read(windows({ from: of.changedAt, count: 8 })) });
const flying = (changes: Partial<Member> = {}): Member => ({
  ...blind(inFlight(1, { policy: POLICY })),
  changedIn: at(3),
  ...changes,
});
const NOW = (of: Member) => of.changedAt + 8 * MINUTE;
const success = (commit: Sha): Report => ({ commit, at: 5, outcome: "success" });
const NONE = { changes: { "route.yaml": 3, "canary.yaml": 3, "stable.yaml": 90 }, says: () => [] } satisfies Said;

describe("what a deliverer has reported of the last change", () => {
  it("is asked of every commit from the head back to the change, in the member's own words", async () => {
    const { all, asked, sources } = ears(NONE);
    const of = await withReport(all, flying(), NOW(flying()));
    expect(of.reported).toEqual(read(undefined));
    expect(asked).toEqual([[0, 1, 2, 3]]);
    expect(sources).toEqual([{ by: "acme-argocd[bot]", posted: { kind: "status", label: "argocd/checkout" } }]);
  });

  it("is asked of what changed the manifests last, where the step changed the state alone", async () => {
    const { all, asked } = ears({ ...NONE, changes: { "route.yaml": 7, "canary.yaml": 5 } });
    await withReport(all, flying(), NOW(flying()));
    expect(asked).toEqual([[0, 1, 2, 3, 4, 5]]);
  });

  it("is asked of the commit that brought what waits to begin", async () => {
    const { all, asked } = ears(NONE);
    const of = blind(waiting({ policy: POLICY, bump: { ...BUMP, commit: at(2) } }));
    await withReport(all, of, NOW(of));
    expect(asked).toEqual([[0, 1, 2]]);
  });

  it("is asked of what was taken back since that, which must be gone before the next one begins", async () => {
    const { all, asked } = ears({ ...NONE, changes: { "canary.yaml": 1, "route.yaml": 4 } });
    const of = blind(waiting({ policy: POLICY, bump: { ...BUMP, commit: at(2) }, changedIn: at(1) }));
    await withReport(all, of, NOW(of));
    expect(asked).toEqual([[0, 1]]);
  });

  it.each([
    ["far back: of the newest and of those that followed it", 30, [0, 1, 2, 3, 4, 26, 27, 28, 29, 30]],
    ["further than is looked", 120, [0, 1, 2, 3, 4, 45, 46, 47, 48, 49]],
  ])("is asked of ten commits at most where the change is %s", async (_, age, expected) => {
    const { all, asked } = ears({ ...NONE, changes: { "route.yaml": age } });
    await withReport(all, flying(), NOW(flying()));
    expect(asked).toEqual([expected]);
  });

  it("is a success of the change or of what came after it, and is not asked for again", async () => {
    const { all, asked } = ears({ ...NONE, says: () => [success(at(2))] });
    for (const of of [flying(), flying()]) {
      expect((await withReport(all, of, NOW(of))).reported).toEqual(read(success(at(2))));
    }
    expect(asked).toHaveLength(1);
  });

  it("is no success of what came before it", async () => {
    const { all } = ears({ ...NONE, says: () => [success(at(4))] });
    expect((await withReport(all, flying(), NOW(flying()))).reported).toEqual(read(undefined));
  });

  it("is asked for again where it is a failure", async () => {
    const failure: Report = { commit: at(3), at: 5, outcome: "failure" };
    const { all, asked } = ears({ ...NONE, says: () => [failure] });
    for (const of of [flying(), flying()]) {
      expect((await withReport(all, of, NOW(of))).reported).toEqual(read(failure));
    }
    expect(asked).toHaveLength(2);
  });

  it("is not known where GitHub does not tell, and the look goes on", async () => {
    const { all } = ears({
      ...NONE,
      says: () => {
        throw new Error("403 Resource not accessible by integration");
      },
    });
    const of = await withReport(all, flying(), NOW(flying()));
    expect(of.reported).toEqual(unavailable("403 Resource not accessible by integration"));
  });

  it("is not asked for where nobody's word counts, or something else shows or contradicts the change", async () => {
    const { all, asked } = ears(NONE);
    const contradicted = windows({ from: flying().changedAt, count: 8, canary: [0, 0], stable: [9500, 47] });
    for (const of of [
      blind(inFlight(1)),
      flying({ timeline: read(contradicted) }),
      flying({ timeline: unavailable("down") }),
    ]) {
      expect(await withReport(all, of, NOW(of))).toBe(of);
    }
    expect(asked).toEqual([]);
  });
});
