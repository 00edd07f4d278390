import { isName, sha, type Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import { look, lookText } from "../../yaml/look.ts";
import { attempt, quote, refuse, type Refusal } from "../../yaml/refusal.ts";
import { readSource } from "../../yaml/source.ts";
import { resourcesOf } from "../resource.ts";
import { claimGates } from "../routers/canary-gates.ts";
import { CANARY_KEYS, gatesWritten } from "../routers/canary-written.ts";
import { checkAutoscalers, checkUnscaled, readCanary } from "./canary-spec.ts";
import { claimedAs, type Claimed, type ClaimOf } from "./claim.ts";

const TEMPLATE = { name: "claimed-canary", revision: sha("0".repeat(40)) };

/**
 * What to write so that releases go by the gates of a Canary of Flagger's that is there; refused where Flagger could not be driven by them alone.
 * Stable is taken to run the pod template that the files have now.
 */
export function claimCanary(claim: ClaimOf): Result<Claimed, Refusal> {
  const { rollout: file, workload } = claim;
  const names = attempt(() => namesIn(file, claim));
  if (names.kind === "err") return names;
  const { service, namespace } = names.value;
  const spec = readCanary(file, { namespace });
  if (spec.kind === "err") return spec;
  const resting = claimGates(file, { namespace });
  if (resting.kind === "err") return resting;
  const was = gatesWritten(file, { namespace });
  if (was.kind === "err") return was;
  const { target, services } = spec.value;
  const unscaled = checkUnscaled(workload, target);
  if (unscaled.kind === "err") return unscaled;
  const scaled = [file, workload].map((one) => checkAutoscalers(one, spec.value)).find(({ kind }) => kind === "err");
  if (scaled?.kind === "err") return scaled;
  const claims = CANARY_KEYS.map((key) => ({ path: file.path, at: key, was: was.value[key] }));
  const arms = { ...services, by: "service" } as const;
  const found = { rollout: resting.value, template: TEMPLATE, service, namespace, arms, deployment: target, claims };
  return claimedAs(claim, found);
}

function namesIn(
  file: ClaimOf["rollout"],
  { service, namespace }: Pick<ClaimOf, "service" | "namespace">,
): { readonly service: Name; readonly namespace: Name } {
  const source = readSource(file);
  const [canary] = resourcesOf(source, "flagger.app", "Canary");
  if (canary === undefined) return refuse(source, 0, "no Canary", "the file of a Canary has it");
  const { tree } = canary;
  const nameAt = (key: "name" | "namespace", why: string): Name => {
    const text = lookText(source, tree, ["metadata", key]);
    if (isName(text)) return text;
    const found = text === undefined ? `no ${key}` : `the ${key} ${quote(text)}`;
    return refuse(source, look(source, tree, ["metadata", key]) ?? tree, found, why);
  };
  return {
    service: service ?? nameAt("name", "it is what the service is called: say --service"),
    namespace: namespace ?? nameAt("namespace", "say --namespace"),
  };
}
