import type { PullPolicy, Ruling } from "../core/policy.ts";
import { coverAny } from "./command-rules.ts";
import type { Extended } from "./extended.ts";
import { covers } from "./glob.ts";
import { NEW_WORKLOADS, PITFALLS, type WrittenPolicy } from "./policy-schema.ts";
import type { Said } from "./said.ts";

/** What is asked at a place. */
type Asked = {
  readonly newWorkloads: (typeof NEW_WORKLOADS)[number];
  readonly pitfalls: (typeof PITFALLS)[number];
  readonly failing: readonly string[];
};

const USUAL: Asked = { newWorkloads: "advise", pitfalls: "advise", failing: [] };
const NOTHING: Asked = { newWorkloads: "off", pitfalls: "off", failing: [] };
const UNWRITTEN: WrittenPolicy = { places: [], exempt: [] };

/** What a configuration asks of pull requests, never less than is enforced; its own exemptions free of nothing that is. */
export function pullPolicy({ config: { policy = UNWRITTEN }, shared }: Extended): PullPolicy {
  const enforced = shared?.config.enforced.policy;
  const least = { ...NOTHING, ...defined(enforced ?? {}) };
  const at = (files: readonly string[]) => strictest(askedAt(policy, files), least);
  return {
    workload: (service, files) => {
      const theirs = exemptionOf(enforced?.exempt ?? [], service, files);
      const own = exemptionOf(policy.exempt, service, files);
      const isFree = least.newWorkloads === "off" || theirs !== undefined;
      return own !== undefined && !isFree
        ? { ruling: least.newWorkloads, exempt: undefined }
        : { ruling: at(files).newWorkloads, exempt: theirs ?? own };
    },
    pitfall: ({ rule, severity, path }) => rulingOf(at([path]), rule, severity),
    isOff: [policy, ...policy.places].every((place) => isNothing(strictest({ ...USUAL, ...defined(place) }, least))),
    said: saidBy(policy, least),
  };
}

/** The first place that covers any of some files goes, key by key, before what is said for all. */
function askedAt({ places, ...all }: WrittenPolicy, files: readonly string[]): Asked {
  const place = places.find(({ paths }) => coverAny(paths, files));
  return { ...USUAL, ...defined(all), ...defined(place ?? {}) };
}

type Some = { readonly [Key in keyof Asked]?: Asked[Key] | undefined };

function defined({ newWorkloads, pitfalls, failing }: Some): Partial<Asked> {
  return {
    ...(newWorkloads !== undefined && { newWorkloads }),
    ...(pitfalls !== undefined && { pitfalls }),
    ...(failing !== undefined && { failing }),
  };
}

function strictest(one: Asked, two: Asked): Asked {
  return {
    newWorkloads: firstOf(NEW_WORKLOADS, one.newWorkloads, two.newWorkloads),
    pitfalls: firstOf(PITFALLS, one.pitfalls, two.pitfalls),
    failing: [...new Set([...one.failing, ...two.failing])],
  };
}

function firstOf<Kind extends string>(order: readonly Kind[], one: Kind, two: Kind): Kind {
  return order.find((kind) => kind === one || kind === two) ?? one;
}

function isNothing({ newWorkloads, pitfalls, failing }: Asked): boolean {
  return newWorkloads === "off" && pitfalls === "off" && failing.length === 0;
}

function rulingOf({ pitfalls, failing }: Asked, rule: string, severity: "error" | "warning"): Ruling {
  if (failing.includes(rule)) return "require";
  if (pitfalls === "off" || pitfalls === "advise") return pitfalls;
  return pitfalls === "warnings" || severity === "error" ? "require" : "advise";
}

function exemptionOf(exempt: WrittenPolicy["exempt"], service: string, files: readonly string[]): string | undefined {
  return exempt.find(
    ({ paths, services }) =>
      (paths === undefined || coverAny(paths, files)) &&
      (services === undefined || services.some((glob) => covers(glob, service))),
  )?.reason;
}

function saidBy(policy: WrittenPolicy, least: Asked): readonly string[] {
  return [
    askedText(strictest({ ...USUAL, ...defined(policy) }, least)),
    ...policy.places.map((place) => {
      const asked = strictest({ ...USUAL, ...defined(policy), ...defined(place) }, least);
      return `${askedText(asked)} under ${place.paths.join(", ")}`;
    }),
    ...policy.exempt.map(({ paths = [], services = [], reason }) => {
      return `exempt: ${[...services, ...paths].join(", ")} (${reason})`;
    }),
  ];
}

/** What goes for the pull requests that touch some files, and where it may have been said: in the file itself, or in what it is held to by. */
export function policySaid(
  { config: { policy = UNWRITTEN }, shared }: Extended,
  { service, paths }: { readonly service: string; readonly paths: readonly string[] },
): readonly (Said & { readonly isEnforced: boolean })[] {
  const enforced = shared?.config.enforced.policy;
  const own = askedAt(policy, paths);
  const held = strictest(own, { ...NOTHING, ...defined(enforced ?? {}) });
  const place = policy.places.findIndex((one) => coverAny(one.paths, paths));
  const rows = KEYS.map((key) => {
    const isEnforced = String(own[key]) !== String(held[key]);
    const inPlace = place === -1 ? [] : [["policy", "places", place, key]];
    const at = isEnforced ? [["enforced", "policy", key]] : [...inPlace, ["policy", key]];
    return { key: `policy.${key}`, text: String(held[key]) || "no rule more", at, isEnforced };
  });
  const exempt = policy.exempt.findIndex((one) => exemptionOf([one], service, paths) !== undefined);
  const reason = policy.exempt[exempt]?.reason;
  if (reason === undefined) return rows;
  const at = [["policy", "exempt", exempt]];
  return [...rows, { key: "policy.exempt", text: `exempt: ${reason}`, at, isEnforced: false }];
}

const KEYS = ["newWorkloads", "pitfalls", "failing"] as const;

/** What is asked, in words. */
function askedText({ newWorkloads, pitfalls, failing }: Asked): string {
  const rules = failing.length === 0 ? "" : `, failing: ${failing.join(", ")}`;
  return `newWorkloads: ${newWorkloads}, pitfalls: ${pitfalls}${rules}`;
}
