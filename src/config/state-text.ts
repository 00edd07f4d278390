import { NO_EVIDENCE, type Evidence } from "../core/gate/evidence.ts";
import type { GaugeMemory } from "../core/gauge-memory.ts";
import type { LatencyMemory } from "../core/latency-memory.ts";
import type {
  Aborting,
  Blocked,
  Claim,
  Destination,
  Destinations,
  Hold,
  ImagePlace,
  Manifests,
  Override,
  Place,
  Places,
  ReleaseState,
  RolloutFiles,
  RouterKind,
  ServiceState,
  Skip,
  TargetState,
  WeightPlace,
  WorkloadFiles,
} from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { block, fields, list, number, optional, quoted, rows, text, type Field } from "./flow-text.ts";
import { instantText } from "./instant.ts";

const HEADER =
  "# Written by Tidegate; edits by hand are read as such, and where they differ from the manifests, the manifests win.";

/** The state as the text of its file: the same state gives the same bytes, and `parseState` gives it back. */
export function printState(state: ServiceState): string {
  const { template, owned, claims, targets, blocked, holds, heard } = state;
  const lines = [
    HEADER,
    "version: 1",
    `template: ${fields([
      ["name", text(template.name)],
      ["revision", quoted(template.revision)],
    ])}`,
    `owned: ${list(owned.map(text))}`,
    ...block("claims", claims.map(claimText)),
    ...(targets.size === 0 ? ["targets: {}"] : ["targets:"]),
    ...[...targets]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([target, at]) => [`  ${text(target)}:`, ...targetLines(at).map((line) => `    ${line}`)]),
    ...block("blocked", blocked.map(blockedText)),
    ...block("holds", holds.map(holdText)),
    `heard: ${heard}`,
  ];
  return `${lines.join("\n")}\n`;
}

function claimText({ path, at, was }: Claim): string {
  return fields([
    ["path", text(path)],
    ["at", text(at)],
    ["was", optional(was, quoted)],
  ]);
}

function blockedText({ image, template, commit, by, reason }: Blocked): string {
  return fields([
    ["image", quoted(image)],
    ["template", optional(template, quoted)],
    ["commit", optional(commit, quoted)],
    ["by", by],
    ["reason", quoted(reason)],
  ]);
}

function holdText({ target, by, comment, closed, at, reason }: Hold): string {
  return fields([
    ["target", text(target)],
    ["by", text(by)],
    ["comment", optional(comment, String)],
    ["closed", optional(closed, String)],
    ["at", optional(at, instantText)],
    ["reason", optional(reason, quoted)],
  ]);
}

function targetLines({ namespace, manifests, arms, stable, release, ...sent }: TargetState): readonly string[] {
  const { weight, testers, mirror } = sent;
  return [
    `namespace: ${text(namespace)}`,
    ...manifestLines(manifests),
    `arms: ${fields([
      ["canary", text(arms.canary)],
      ["stable", text(arms.stable)],
      ["by", arms.by === "service" ? undefined : arms.by],
    ])}`,
    `weight: ${weight}`,
    ...(testers === true ? ["testers: true"] : []),
    ...(mirror === undefined ? [] : [`mirror: ${mirror}`]),
    `stable: ${quoted(stable)}`,
    ...(release === undefined ? [] : ["release:", ...releaseLines(release).map((line) => `  ${line}`)]),
  ];
}

function manifestLines(manifests: Manifests): readonly string[] {
  switch (manifests.layout) {
    case "workloads":
      return fileLines(manifests);
    case "places":
      return placesLines(manifests);
    case "rollout":
      return [`rollout: ${rolloutText(manifests)}`];
    default:
      return unreachable(manifests);
  }
}

function rolloutText({ rollout, of, workload, image, stableTemplate }: RolloutFiles): string {
  return fields([
    ["path", text(rollout)],
    ["of", optional(of, text)],
    ["workload", text(workload)],
    ["image", optional(image, imagePlaceText)],
    ["stableTemplate", quoted(stableTemplate)],
  ]);
}

function fileLines({ router, canary, stable, route, destinations }: WorkloadFiles): readonly string[] {
  const files = fields([
    ["canary", text(canary)],
    ["stable", text(stable)],
    ["route", text(route)],
  ]);
  return rows([
    ["router", routerText(router)],
    ["manifests", files],
    ["destinations", optional(destinations, destinationsText)],
  ]);
}

function placesLines(places: Places): readonly string[] {
  const { canary, stable, weight, canaryReplicas, stableReplicas, workloads, container } = places;
  const stablePods = typeof stableReplicas === "number" ? String(stableReplicas) : placeText(stableReplicas);
  const replicas = optional(canaryReplicas, (canaryPods) =>
    fields([
      ["canary", placeText(canaryPods)],
      ["stable", stablePods],
    ]),
  );
  const lines = rows([
    ["canary", imagePlaceText(canary)],
    ["stable", imagePlaceText(stable)],
    ["weight", weightPlaceText(weight)],
    ["replicas", replicas],
    ["scaled", canaryReplicas === undefined && weight.kind === "values" ? "requests" : undefined],
    ["workloads", fields(rowsOf({ canary: workloads.canary, stable: workloads.stable }))],
    ["container", text(container)],
  ]);
  return ["places:", ...lines.map((line) => `  ${line}`)];
}

function placeText({ path, at }: Place): string {
  return fields(rowsOf({ path, at }));
}

function imagePlaceText({ path, at, image }: ImagePlace): string {
  return fields([...rowsOf({ path, at }), ["image", optional(image, text)]]);
}

function weightPlaceText(weight: WeightPlace): string {
  if (weight.kind === "values") return placeText(weight);
  return fields([
    ["path", text(weight.path)],
    ["router", routerText(weight.router)],
    ["destinations", optional(weight.destinations, destinationsText)],
  ]);
}

function routerText(router: RouterKind): string | undefined {
  return router === "HTTPRoute" ? undefined : router;
}

function rowsOf(values: { readonly [key: string]: string }): readonly Field[] {
  return Object.entries(values).map(([key, value]) => [key, text(value)]);
}

function destinationsText({ canary, stable }: Destinations): string {
  return fields([
    ["canary", destinationText(canary)],
    ["stable", destinationText(stable)],
  ]);
}

function destinationText({ host, subset }: Destination): string {
  return fields([
    ["host", text(host)],
    ["subset", optional(subset, text)],
  ]);
}

function releaseLines(release: ReleaseState): readonly string[] {
  const { image, from, template, commit, source, since, step } = release;
  const { evidence, latency, gauges, plan, override, skips, aborting } = release;
  return rows([
    ["image", quoted(image)],
    ["from", quoted(from)],
    ["template", quoted(template)],
    ["commit", quoted(commit)],
    ["source", optional(source, String)],
    ["since", instantText(since)],
    ["step", String(step)],
    ["evidence", isNone(evidence) ? undefined : evidenceText(evidence)],
    ["latency", optional(latency, latencyText)],
    ["histograms", latency?.form],
    ["gauges", optional(gauges, gaugesText)],
    ["plan", plan === "usual" ? undefined : plan],
    ["override", optional(override, overrideText)],
    ["skip", skipsText(skips)],
    ["aborting", optional(aborting, abortingText)],
  ]);
}

function overrideText({ by, comment, commit, reach }: Override): string {
  return fields([
    ["by", text(by)],
    ["comment", optional(comment, String)],
    ["commit", optional(commit, quoted)],
    ["reach", reach === "full" ? reach : undefined],
  ]);
}

/** One as it is, several as a list. */
function skipsText(skips: readonly Skip[]): string | undefined {
  const [only, ...others] = skips.map(skipText);
  return only === undefined || others.length === 0 ? only : list([only, ...others]);
}

function skipText({ gate, by, comment, reason }: Skip): string {
  return fields([
    ["gate", gate],
    ["by", text(by)],
    ["comment", String(comment)],
    ["reason", quoted(reason)],
  ]);
}

function abortingText({ by, who, reason }: Aborting): string {
  return fields([
    ["by", by],
    ["who", optional(who, text)],
    ["reason", quoted(reason)],
  ]);
}

// Compact: one line, because it changes as a whole.
function evidenceText({ through, exact, bets, better, slo, failedWindows, strata }: Evidence): string {
  return fields([
    ["through", String(through)],
    ["exact", list(exact.map(number))],
    ["bets", list(bets.map(number))],
    ["better", list(better.map(number))],
    ["slo", list(slo.map(number))],
    ["failedWindows", String(failedWindows)],
    ["strata", list(strata.map((stratum) => list(stratum.map(number))))],
  ]);
}

function latencyText({ edges, evidence }: LatencyMemory): string {
  const bounds = edges.map(({ quantile, bound, weight, tolerated, regression }, at) => {
    const sums = evidence[at];
    return fields([
      ["quantile", number(quantile)],
      ["bound", number(bound)],
      ["weight", number(weight)],
      ["tolerated", number(tolerated)],
      ["regression", number(regression)],
      ["evidence", sums === undefined || isNone(sums) ? undefined : evidenceText(sums)],
    ]);
  });
  return list(bounds);
}

function gaugesText(gauges: GaugeMemory): string {
  const drifts = gauges.map(({ name, sum, count, peak }) =>
    fields([
      ["name", text(name)],
      ["sum", number(sum)],
      ["count", String(count)],
      ["peak", number(peak)],
    ]),
  );
  return list(drifts);
}

function isNone(evidence: Evidence): boolean {
  return JSON.stringify(evidence) === JSON.stringify(NO_EVIDENCE);
}
