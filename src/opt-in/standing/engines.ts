import type { Result } from "../../core/result.ts";
import type { Leaving, Left } from "../leaving.ts";
import type { Ground, Refused } from "../model.ts";
import { CANARIES } from "./canary.ts";
import type { Engine } from "./model.ts";
import { ROLLOUTS } from "./rollout.ts";

/** All controllers whose objects are opted in as they stand. */
export const ENGINES: readonly Engine[] = [ROLLOUTS, CANARIES];

/** The files of a target that leaves with what was claimed given back; undefined where nothing of people's is claimed in it. */
export function leftStanding(ground: Ground, leaving: Leaving): Result<Left, readonly Refused[]> | undefined {
  return ENGINES.map((engine) => engine.leave(ground, leaving)).find((one) => one !== undefined);
}
