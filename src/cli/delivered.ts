import type { Checkout } from "./checkout.ts";
import type { Problem } from "../config/document.ts";
import { parseState } from "../config/state-file.ts";
import { placedTargets } from "../config/target-patterns.ts";
import { filesOf } from "../core/manifests.ts";
import { isName, type Name } from "../core/names.ts";
import { isWanted, takeInventory } from "../manifest/services/inventory.ts";
import type { ServiceTarget } from "../manifest/services/model.ts";
import { SERVICES } from "../reconcile/readings.ts";
import type { TextFile } from "../yaml/refusal.ts";

/** A service in a target of a checkout. `paths`: its manifests. `isSteered`: a state file puts it under Tidegate. */
export type Delivered = {
  readonly service: Name;
  readonly target: Name;
  readonly paths: readonly string[];
  readonly isSteered: boolean;
};

/** What a checkout delivers where, by its state files and by discovery, sorted; and what is wrong with state files. */
export function deliveredIn(
  checkout: Checkout,
  config: TextFile | undefined,
): { readonly members: readonly Delivered[]; readonly problems: readonly Problem[] } {
  const states = [...checkout.listing.keys()]
    .filter((path) => path.startsWith(`${SERVICES}/`) && path.endsWith(".yaml"))
    .map((path) => parseState({ path, text: checkout.text(path) ?? "" }));
  const steered = states.flatMap((state) =>
    state.kind === "err"
      ? []
      : [...state.value.targets].map(([target, { manifests }]): Delivered => {
          return { service: state.value.service, target, paths: filesOf(manifests), isSteered: true };
        }),
  );
  const found = discovered(checkout, config);
  const otherwise = calledOtherwise(found, steered);
  const known = new Map([...found.filter((one) => !otherwise.has(one)), ...steered].map((one) => [keyOf(one), one]));
  return {
    members: [...known.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    problems: states.flatMap((state) => (state.kind === "err" ? state.error : [])),
  };
}

/** What was found under another target's name than its state file has: of the same files, where nothing was found under that one. */
function calledOtherwise(found: readonly Delivered[], steered: readonly Delivered[]): ReadonlySet<Delivered> {
  const [names, states] = [found, steered].map((all) => new Set(all.map(keyOf)));
  const unfound = steered.filter((one) => names?.has(keyOf(one)) === false);
  return new Set(
    found.filter(
      (one) =>
        states?.has(keyOf(one)) === false &&
        unfound.some(({ service, paths }) => service === one.service && paths.some((path) => one.paths.includes(path))),
    ),
  );
}

function keyOf({ service, target }: Delivered): string {
  return `${service}/${target}`;
}

function discovered(checkout: Checkout, config: TextFile | undefined): readonly Delivered[] {
  const { patterns } = placedTargets(config);
  const { fleet } = takeInventory(
    checkout.listing,
    (path) => (isWanted(path, patterns) ? checkout.text(path) : undefined),
    patterns,
  );
  return fleet.services.flatMap(({ name, targets }) =>
    targets.flatMap((at): readonly Delivered[] =>
      isName(name) && isName(at.name)
        ? [{ service: name, target: at.name, paths: writtenIn(at), isSteered: false }]
        : [],
    ),
  );
}

/** The files in which its versions are set, as far as a release would write them. */
function writtenIn({ images, workloads, routes }: ServiceTarget): readonly string[] {
  return [...new Set([...images.map(({ set }) => set), ...workloads, ...routes].map(({ path }) => path))];
}
