import { filesOf } from "../core/manifests.ts";
import type { Sha } from "../core/names.ts";
import { planFor, type Policy } from "../core/plan.ts";
import type { Reconfigured } from "../core/snapshot.ts";
import { configAt, type ConfigSight } from "./configs.ts";
import { CONFIG_PATH } from "./readings.ts";
import type { UnmeasuredMember } from "./scene.ts";
import { weightsOf } from "./service.ts";

/** What a pull request makes of the configuration, which is only read here: all is judged by the tracked branch's. Undefined where it changes none. */
export async function reconfiguredBy(
  sight: ConfigSight,
  members: readonly UnmeasuredMember[],
  { headSha, changed }: { readonly headSha: Sha; readonly changed: readonly string[] },
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
    replanned: found.flatMap(({ member, policy: said }) => {
      if (said.kind === "refused" || isSame(said.value, member.policy)) return [];
      const policy = said.value;
      return [{ member, policy, plan: planFor(weightsOf(policy, member.planName), member.at, member.manifest) }];
    }),
  };
}

function isSame(one: Policy, two: Policy): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

const REMOVED = `${CONFIG_PATH} is removed: without it no release begins, and none rises`;
