import { alphasOf } from "../core/gates.ts";
import { isOwn, type OurFile } from "./document.ts";
import type { Enforced } from "./enforced.ts";
import { gateOf, latencyOf, partsOf } from "./gates.ts";
import { gaugesOf } from "./gauges.ts";
import type { Loose } from "./loosened.ts";
import type { RepoConfig } from "./repo-config.ts";
import type { Path } from "./said.ts";
import { seasonalOf } from "./seasonal.ts";

/** What divides a release's alpha, below `gates`. */
const DIVIDING: readonly Path[] = [
  ["errors", "part"],
  ["errors", "alpha"],
  ["latency", "part"],
  ["gauges"],
  ["seasonal"],
];

/** Where a file leaves the error gate less of alpha than is enforced, at the first thing that it says of that: a gate with no alpha blocks nothing. */
export function partProblems(file: OurFile, config: RepoConfig, { gates }: Enforced): readonly Loose[] {
  const least = gates?.errors?.alpha;
  if (least === undefined) return [];
  const places = [
    { at: ["gates"], own: undefined },
    ...config.services.map((own, index) => ({ at: ["services", index, "gates"], own })),
  ];
  return places.flatMap(({ at, own }): readonly Loose[] => {
    const said = DIVIDING.map((path): Path => [...at, ...path]).find((path) => isOwn(file, path));
    const share = shareOf(config, own);
    if (said === undefined || share >= least) return [];
    const found = `what leaves ${Number(share.toPrecision(3))} of alpha to the error gate`;
    return [{ at: said, found, allowed: `at least ${least}`, by: ["gates", "errors", "alpha"] }];
  });
}

function shareOf(config: RepoConfig, own: RepoConfig["services"][number] | undefined): number {
  const policy = {
    gate: gateOf(config, own),
    parts: partsOf(config, own),
    ...gaugesOf(config, own),
    ...seasonalOf(config, own),
  };
  return alphasOf(policy, latencyOf(config, own) !== undefined).get("errors") ?? 0;
}
