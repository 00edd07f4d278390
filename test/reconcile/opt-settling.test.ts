import { describe, expect, it } from "vitest";
import { optActions } from "../../src/core/opt-actions.ts";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange, OptPull, OptSettling } from "../../src/core/opting.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { settlingOf } from "../../src/reconcile/opt-settling.ts";
import { optCheck } from "../../src/render/opt-check.ts";
import { valueOf } from "../manifest/builders.ts";
import { MINUTE, NOON } from "../support/member.ts";
import { groundOf } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const HEAD = sha("1".repeat(40));
const BUMP = sha("abc1234".padEnd(40, "0"));
const EARLIER = sha("def5678".padEnd(40, "0"));
const ROLLOUT = "apps/till/base/rollout.yaml";
const OVERLAY = "apps/till/prod/kustomization.yaml";

const canary = (steps: string) => `    canary:
      canaryService: till-canary
      stableService: till
      trafficRouting: { nginx: { stableIngress: till } }
      steps: [${steps}]
`;
const ENDING = canary("{ setWeight: 20 }, { pause: { duration: 5m } }, { setWeight: 50 }, { pause: { duration: 1h } }");
const WAITING = canary("{ setWeight: 20 }, { pause: { duration: 5m } }, { setWeight: 50 }, { pause: {} }");
const SWITCHED = "    blueGreen: { activeService: till, previewService: till-canary, autoPromotionEnabled: false }\n";

function filesOf(strategy: string, more = ""): ReadonlyMap<string, string> {
  const service = (called: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${called} }\nspec: { selector: { app: till }, ports: [{ port: 80 }] }\n`;
  return new Map([
    [
      ROLLOUT,
      `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: till }
spec:
  replicas: 4
${more}  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec: { containers: [{ name: till, image: "registry.example.com/till:1.0.0" }] }
  strategy:
${strategy}`,
    ],
    ["apps/till/base/services.yaml", ["till", "till-canary"].map(service).join("---\n")],
    ["apps/till/base/kustomization.yaml", "resources: [rollout.yaml, services.yaml]\n"],
    [OVERLAY, "namespace: shop\nresources: [../base]\nimages: [{ name: registry.example.com/till, newTag: 1.1.0 }]\n"],
  ]);
}

type Landed = Readonly<Record<string, readonly [commit: typeof HEAD, at: number]>>;

/** What opting `till` in as it stands has to wait for, where its files were last changed so. */
async function settling(
  files: ReadonlyMap<string, string>,
  landed: Landed,
  template = "canary-argo-rollouts-nginx",
): Promise<OptSettling | undefined> {
  const chosen = templateIn(shipped(), template);
  const asked = { service: "till", targets: undefined, template: chosen, parameters: new Map(), namespace: undefined };
  const { files: written, standing } = valueOf(optIn(groundOf(files), asked));
  const git = {
    history: async (_: typeof HEAD, path: string) =>
      Object.entries(landed)
        .filter(([of]) => of === path)
        .map(([, [commit, at]]) => ({ sha: commit, at, parents: [], message: "", author: "", ours: false })),
    read: async (_: typeof HEAD, paths: readonly string[]) =>
      new Map(paths.map((path) => [path, { id: HEAD, text: files.get(path) ?? "" }])),
  };
  return settlingOf({ head: HEAD, eyes: { git } }, changed({ files: written, standing }));
}

function changed(of: Partial<OptChange>): OptChange {
  const wish = {
    verb: "opt-in",
    service: name("till"),
    called: "till",
    template: "x",
    parameters: [],
    by: "ana",
  } as const;
  return {
    wish,
    base: HEAD,
    files: new Map(),
    touched: [],
    targets: [],
    first: [],
    remarks: [],
    proposed: undefined,
    ...of,
  };
}

/** What the check of such a pull request says at a time, and when it is looked at again. */
function said(settled: OptSettling | undefined, now: number) {
  const pull: OptPull = {
    number: 7,
    headSha: HEAD,
    verb: "opt-in",
    service: name("till"),
    standing: { kind: "current", change: changed({ standing: [name("prod")] }) },
    settling: settled,
  };
  const actions = optActions({ opting: { asked: [], pulls: [pull], offers: [], waiting: [] } }, now);
  return actions.flatMap((action) => {
    if (action.kind === "wakeAt") return [`again at ${(action.at - NOON) / MINUTE}`];
    if (action.kind !== "reportOpt") return [];
    const { conclusion, title } = optCheck(action.pull);
    return [`${conclusion}: ${title}`];
  });
}

describe("opting in as it stands what a controller may be rolling out", () => {
  it("waits for the pauses of its steps and its progress deadline, from the newest commit of its pod template on", async () => {
    const landed = { [ROLLOUT]: [EARLIER, NOON - 500 * MINUTE], [OVERLAY]: [BUMP, NOON] } as const;
    const found = await settling(filesOf(ENDING), landed);
    expect(found).toEqual({ commit: BUMP, until: NOON + 75 * MINUTE, waits: false });
    expect(said(found, NOON + 74 * MINUTE)).toEqual([
      "action_required: Not before 2026-11-20 13:15 UTC: the version of abc1234 may be on its way",
      "again at 75",
    ]);
    expect(said(found, NOON + 75 * MINUTE)).toEqual([
      "success: Merging opts till in; no traffic moves while no version is on its way",
    ]);
    const odd = canary("{ setWeight: 20 }, { pause: { duration: 1h30m } }, { pause: { duration: 60 } }");
    expect((await settling(filesOf(odd), landed))?.until).toBe(NOON + 101 * MINUTE);
    const slow = await settling(filesOf(ENDING, "  progressDeadlineSeconds: 1800\n"), landed);
    expect(slow?.until).toBe(NOON + 95 * MINUTE);
  });

  it.each([
    ["behind a pause without an end", WAITING, "canary-argo-rollouts-nginx", 15],
    ["before a switch by hand", SWITCHED, "blue-green-argo-rollouts", 10],
  ])("is never green by itself %s", async (_, strategy, template, minutes) => {
    const found = await settling(filesOf(strategy), { [OVERLAY]: [BUMP, NOON] }, template);
    expect(found).toEqual({ commit: BUMP, until: NOON + minutes * MINUTE, waits: true });
    expect(said(found, NOON)[0]).toMatch(/^action_required: Not before/);
    expect(said(found, NOON + 90 * MINUTE)).toEqual([
      "neutral: Have a look before you merge: the version of abc1234 may wait for somebody",
    ]);
  });

  it("nor where git does not tell since when", async () => {
    const found = await settling(filesOf(ENDING), {});
    expect(said(found, NOON)).toEqual(["neutral: Have a look before you merge: a version may wait for somebody"]);
  });

  it("is nothing of a service that has nothing of the kind", async () => {
    const sight = { head: HEAD, eyes: { git: { history: async () => [], read: async () => new Map() } } };
    expect(await settlingOf(sight, changed({}))).toBeUndefined();
    expect(said(undefined, NOON)[0]).toMatch(/^success/);
  });
});
