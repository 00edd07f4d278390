import { expect, it } from "vitest";
import { image } from "../../src/core/image.ts";
import type { TargetState } from "../../src/core/state.ts";
import { DEFAULT_PROMETHEUS } from "../../src/ports/metrics.ts";
import { labelDoubts } from "../../src/reconcile/labelled.ts";
import { modelGit } from "../simulation/git.ts";
import { member, workload } from "../support/member.ts";

const PATH = "apps/till/rollout.yaml";
const STABLE = "apps/till/stable.yaml";
const rollout = (version: string) =>
  `kind: Rollout\nspec:\n  template:\n    metadata: { labels: { app: till, version: "${version}" } }\n`;
const ROLLOUT: TargetState["manifests"] = {
  layout: "rollout",
  rollout: PATH,
  workload: PATH,
  stableTemplate: "ef49cb9f24b47849",
};
const WORKLOADS: TargetState["manifests"] = {
  layout: "workloads",
  router: "HTTPRoute",
  canary: PATH,
  stable: STABLE,
  route: "apps/till/route.yaml",
  destinations: undefined,
};
const NEW = image("registry.example.com/till:1.1.0");

type Labelled = { readonly label?: string; readonly brought?: string; readonly of?: typeof NEW };

async function told(
  manifests: TargetState["manifests"],
  { label = "destination_version", brought, of = NEW }: Labelled,
) {
  const git = modelGit(
    new Map([
      [PATH, rollout("1.0.0")],
      [STABLE, rollout("1.1.0")],
    ]),
    0,
  );
  const head = git.refs.get("refs/heads/main") ?? expect.fail("no head");
  const files = new Map(brought === undefined ? [] : [[PATH, rollout(brought)]]);
  const pull = git.add({ parent: head, parents: [head], files, message: "Bump", at: 0 });
  const requests = { ...DEFAULT_PROMETHEUS.requests, versionLabel: label === "" ? undefined : label };
  const value = { ...DEFAULT_PROMETHEUS, requests, url: "https://prometheus.example.com" };
  const refused = { kind: "refused", problems: [] } as const;
  const config = {
    problems: [],
    policyFor: () => refused,
    metricsFor: () => ({ kind: "read", value }) as const,
    gateProvider: () => refused,
  };
  const to = member({ at: { manifests }, manifest: { canary: workload("canary", of) } });
  const doubts = await labelDoubts({ head, config, eyes: { git } }, to, { head: pull, changed: [...files.keys()] });
  return doubts.map(({ path, line, what }) => `${path}:${line} ${what}`);
}

const STALE = `${PATH}:4 its pods say version: 1.0.0, the new tag is 1.1.0, and configuration tells versions by destination_version: it may never be seen to run; let the label follow the tag, take it out, or leave version out of requests`;

it.each<readonly [string, TargetState["manifests"], Labelled, readonly string[]]>([
  ["stays behind the tag", ROLLOUT, {}, [STALE]],
  ["is moved with it", ROLLOUT, { brought: "1.1.0" }, []],
  ["stays behind in one of two workloads", WORKLOADS, {}, [STALE]],
  ["nobody asks for", ROLLOUT, { label: "" }, []],
  ["has no tag to follow", ROLLOUT, { of: image(`till@sha256:${"0".repeat(64)}`) }, []],
])("a label for the version that %s", async (_, manifests, labelled, expected) => {
  expect(await told(manifests, labelled)).toEqual(expected);
});
