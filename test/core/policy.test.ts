import { describe, expect, it } from "vitest";
import {
  judged,
  type NewWorkload,
  type Pitfall,
  type PullPolicy,
  type Ruling,
  type Unfit,
} from "../../src/core/policy.ts";

const UNFIT = { path: "a.yaml", line: 3, found: "a StatefulSet", why: "why", advice: "advice" };

function workload(service: string, unfit?: Unfit): NewWorkload {
  const targets = [target("prod", unfit)];
  return { how: "added", service, targets, isWhole: true, kind: "Deployment", path: "a.yaml", line: 1 };
}

/** A target that is placed by a file in a folder of its own. */
function target(name: string, unfit?: Unfit): NewWorkload["targets"][number] {
  return { name, paths: [`${name}/a.yaml`], unfit };
}

/** A target that a file in each of some folders places. */
function placed(...folders: readonly [string, ...string[]]): NewWorkload["targets"][number] {
  return { ...target(folders[0]), paths: folders.map((folder) => `${folder}/a.yaml`) };
}

function pitfall(rule: string): Pitfall {
  return { rule, severity: "error", path: "a.yaml", line: 1, what: "", why: "", fix: "", isChanged: true };
}

/** The same of every workload, and of every pitfall. */
function asking(workloads: Ruling, pitfalls: Ruling, exempt?: string): PullPolicy {
  const isOff = workloads === "off" && pitfalls === "off";
  return { workload: () => ({ ruling: workloads, exempt }), pitfall: () => pitfalls, isOff, said: [] };
}

const LARGE = { why: "it is large", paths: ["a.yaml"] };
const NOTHING = { workloads: [], pitfalls: [], unread: undefined };

describe("what a pull request brings", () => {
  it.each([
    ["nothing", NOTHING, asking("require", "require"), undefined],
    ["a workload, where none is looked for", { workloads: [workload("cart")] }, asking("off", "advise"), undefined],
    ["a workload, as advice", { workloads: [workload("cart")] }, asking("advise", "advise"), ["neutral", "advised"]],
    ["a workload, required", { workloads: [workload("cart")] }, asking("require", "advise"), ["failure", "required"]],
    [
      "a workload that is exempt",
      { workloads: [workload("cart")] },
      asking("require", "advise", "a trial"),
      ["success", "exempt"],
    ],
    [
      "a workload that cannot be opted in",
      { workloads: [workload("cart", UNFIT)] },
      asking("require", "advise"),
      ["success", "unfit"],
    ],
    [
      "one that cannot, and is exempt: the reason that somebody gave",
      { workloads: [workload("cart", UNFIT)] },
      asking("require", "advise", "a trial"),
      ["success", "exempt"],
    ],
    [
      "one that cannot beside one that can",
      { workloads: [workload("cart", UNFIT), workload("till")] },
      asking("require", "advise"),
      ["failure", "unfit", "required"],
    ],
    ["a pitfall, where none is looked for", { pitfalls: [pitfall("two-routes")] }, asking("advise", "off"), undefined],
    ["a pitfall, as advice", { pitfalls: [pitfall("two-routes")] }, asking("advise", "advise"), ["neutral"]],
    ["a pitfall that fails", { pitfalls: [pitfall("two-routes")] }, asking("advise", "require"), ["failure"]],
    ["more than is looked into", { unread: LARGE }, asking("advise", "advise"), ["neutral"]],
    ["more than is looked into, where much is required", { unread: LARGE }, asking("require", "off"), ["failure"]],
    ["a file that cannot be read where nothing is asked", { unread: LARGE }, asking("off", "advise"), undefined],
    ["a file that cannot be read and is exempt", { unread: LARGE }, asking("require", "off", "a trial"), undefined],
  ])("%s", (_, brought, policy, expected) => {
    const found = judged({ ...NOTHING, ...brought }, policy);
    expect(found && [found.conclusion, ...found.workloads.map(({ standing }) => standing.kind)]).toEqual(expected);
  });
});

describe("a service in several targets", () => {
  const policy: PullPolicy = {
    workload: (_, [path = ""]) => ({
      ruling: path.startsWith("lab/") ? "off" : "require",
      exempt: path.startsWith("trial/") ? "a trial" : undefined,
    }),
    pitfall: () => "off",
    isOff: false,
    said: [],
  };
  const said = (targets: NewWorkload["targets"]) => {
    const judgement = judged({ ...NOTHING, workloads: [{ ...workload("cart"), targets }] }, policy);
    const named = judgement?.workloads.map(({ workload: { isWhole, targets: some }, standing: { kind } }) =>
      [kind, ...some.map(({ name }) => name), ...(isWhole ? ["all"] : [])].join(" "),
    );
    return judgement && [judgement.conclusion, ...(named ?? [])];
  };

  it.each([
    ["all of which are asked of", [target("prod"), target("staging")], ["failure", "required prod staging all"]],
    ["one of which is exempt", [target("trial"), target("prod")], ["failure", "exempt trial", "required prod"]],
    [
      "one of which cannot be opted in",
      [target("prod"), target("edge", UNFIT)],
      ["failure", "required prod", "unfit edge"],
    ],
    ["of one of which nothing is asked", [target("lab"), target("prod")], ["failure", "required prod"]],
    ["of none of which anything is asked", [target("lab")], undefined],
    ["that an exempt file and another one place", [placed("trial", "prod")], ["failure", "required trial all"]],
    ["that files place of which one is asked nothing", [placed("lab", "prod")], ["failure", "required lab all"]],
    ["that files place which are exempt or asked nothing", [placed("lab", "trial")], ["success", "exempt lab all"]],
  ])("%s", (_, targets, expected) => {
    expect(said(targets)).toEqual(expected);
  });
});
