import { err, ok, type Result } from "../../core/result.ts";
import { CANARY_KEYS, giveBackGates } from "../../manifest/routers/canary-written.ts";
import { underWay, type Leaving, type Left } from "../leaving.ts";
import type { Ground, Refused } from "../model.ts";
import { refused } from "../refused.ts";
import { waitingFor } from "../rollout-out.ts";
import { unrecorded } from "./unrecorded.ts";

/** The weights and hooks that people had are there again; refused while another version than stable's waits, which Flagger would then begin by itself. */
export function leave(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> | undefined {
  const { state, target, at } = leaving;
  const { manifests } = at;
  if (manifests.layout !== "rollout") return undefined;
  const path = manifests.rollout;
  const [weights, hooks] = CANARY_KEYS.map((key) => state.claims.find((one) => one.path === path && one.at === key));
  if (weights === undefined || hooks === undefined) return undefined;
  const moving = underWay(leaving) ?? waitingFor(ground, leaving, manifests);
  if (moving !== undefined) return err([refused("release", target, moving)]);
  if (weights.was === undefined || hooks.was === undefined) return err([unrecorded(target, path)]);
  const was = { "spec.analysis.stepWeights": weights.was, "spec.analysis.webhooks": hooks.was };
  const back = giveBackGates({ path, text: ground.read(path) ?? "" }, at, was);
  if (back.kind === "err") return err([refused("edited", target, back.error)]);
  const says =
    "what stood there before goes again; merge it while the Canary is Initialized, Succeeded or Failed, with no version on its way";
  return ok({
    files: new Map([[path, back.value]]),
    remarks: [{ target, path, line: 1, says }],
    owned: [],
    isStanding: true,
  });
}
