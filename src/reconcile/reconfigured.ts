import { problemText } from "../config/document.ts";
import { parseSharedFile, SHARED_PATH } from "../config/shared-config.ts";
import { filesOf } from "../core/manifests.ts";
import type { Sha } from "../core/names.ts";
import { planFor, type Policy } from "../core/plan.ts";
import type { PullPolicy } from "../core/policy.ts";
import type { Reconfigured } from "../core/snapshot.ts";
import { configAt, type ConfigSight } from "./configs.ts";
import { CONFIG_PATH, type Readings } from "./readings.ts";
import type { UnmeasuredMember } from "./scene.ts";
import { weightsOf } from "./service.ts";

type Sight = ConfigSight & { readonly readings: Pick<Readings, "elsewhere"> };
/** `pulls`: what the tracked branch's configuration asks of pull requests. */
type Proposed = {
  readonly headSha: Sha;
  readonly changed: readonly string[];
  readonly pulls?: PullPolicy | undefined;
};

/** What a pull request makes of the configuration, which is only read here: all is judged by the tracked branch's. Undefined where it changes none. */
export async function reconfiguredBy(
  sight: Sight,
  members: readonly UnmeasuredMember[],
  proposed: Proposed,
): Promise<Reconfigured | undefined> {
  const [own, shared] = await Promise.all([ownBy(sight, members, proposed), sharedBy(sight, proposed)]);
  if (own === undefined || shared === undefined) return own ?? shared;
  return { ...own, ...shared, problems: [...own.problems, ...shared.problems], replanned: own.replanned };
}

async function ownBy(
  sight: Sight,
  members: readonly UnmeasuredMember[],
  { headSha, changed, pulls }: Proposed,
): Promise<Reconfigured | undefined> {
  if (!changed.includes(CONFIG_PATH)) return undefined;
  if (!(await sight.git.read(headSha, [CONFIG_PATH])).has(CONFIG_PATH))
    return members.length === 0 ? undefined : { problems: [REMOVED], replanned: [] };
  const config = await configAt(sight, headSha);
  if (config.problems.length > 0) return { problems: config.problems, replanned: [] };
  const found = members.map((member) => {
    const { target, at, state } = member;
    return { member, policy: config.policyFor(target, filesOf(at.manifests), state.service) };
  });
  return {
    problems: [...new Set(found.flatMap(({ policy }) => (policy.kind === "refused" ? policy.problems : [])))],
    ...(config.loosened !== undefined && { loosened: config.loosened }),
    ...askedBy(pulls, config.pulls),
    replanned: found.flatMap(({ member, policy: said }) => {
      if (said.kind === "refused" || isSame(said.value, member.policy)) return [];
      const policy = said.value;
      return [{ member, policy, plan: planFor(weightsOf(policy, member.planName), member.at, member.manifest) }];
    }),
  };
}

function askedBy(now: PullPolicy | undefined, next: PullPolicy | undefined): Pick<Reconfigured, "asked"> {
  if (now === undefined || next === undefined || now.said.join("\n") === next.said.join("\n")) return {};
  return { asked: { now: now.said, next: next.said } };
}

/** What it makes of what other repositories extend, and of them. */
async function sharedBy({ git, readings }: Sight, { headSha, changed }: Proposed): Promise<Reconfigured | undefined> {
  if (!changed.includes(SHARED_PATH)) return undefined;
  const blob = (await git.read(headSha, [SHARED_PATH])).get(SHARED_PATH);
  if (blob === undefined) return { problems: [GONE], replanned: [], elsewhere: [] };
  const read = parseSharedFile("", { path: SHARED_PATH, text: blob.text });
  if (read.kind === "err") return { problems: read.error.map(problemText), replanned: [], elsewhere: [] };
  return { problems: [], replanned: [], elsewhere: await readings.elsewhere(blob) };
}

const GONE = `${SHARED_PATH} is removed: its last version goes on for those that extend it; to end what it enforces, empty enforced`;

function isSame(one: Policy, two: Policy): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

const REMOVED = `${CONFIG_PATH} is removed: without it no release begins, and none rises`;
