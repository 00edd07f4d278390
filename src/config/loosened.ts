import { isOwn, placeOf, problemAt, type OurFile, type Problem } from "./document.ts";
import { durationText } from "./duration.ts";
import { comparable, expediteBounds, mostThreshold, STRICTEST, strictestSteps, type Enforced } from "./enforced.ts";
import { partProblems } from "./loosened-parts.ts";
import { policyProblems } from "./loosened-policy.ts";
import type { RepoConfig, WrittenConfig } from "./repo-config.ts";
import type { Path } from "./said.ts";
import { weightsIn, type Steps } from "./steps.ts";

/** What a file is held to, and where that stands. */
export type Holding = { readonly file: OurFile; readonly config: { readonly enforced: Enforced } };

/** Something written that is looser than what is enforced: what was found, and what would be allowed. `by` is the enforced key. */
export type Loose = { readonly at: Path; readonly found: string; readonly allowed: string; readonly by: Path };

/** Every place of a file that asks for less than is enforced. What is enforced stands all the same; what the file leaves unsaid is no fault. */
export function loosenings({ file, config }: WrittenConfig, holding: Holding): readonly Problem[] {
  const { enforced } = holding.config;
  const loose = [
    ...plans(config, enforced),
    ...ofTargets(config, enforced),
    ...ofAll(config, enforced),
    ...gatesIn(config).flatMap(([at, gates]) => ofGates(at, gates, enforced)),
    ...partProblems(file, config, enforced),
    ...policyProblems(config, enforced),
  ];
  return loose.filter(({ at }) => isOwn(file, at)).map((one) => problemOf(file, one, holding));
}

function problemOf(file: OurFile, { at, found, allowed, by }: Loose, holding: Holding): Problem {
  const { path, line } = placeOf(holding.file, ["enforced", ...by]);
  return problemAt(file, at, `is ${found}, and ${path}:${line} allows ${allowed}, which goes instead`);
}

type Written = {
  readonly at: Path;
  readonly steps?: Steps | undefined;
  readonly bake?: number | undefined;
};

function plans({ waves, services, expedite }: RepoConfig, enforced: Enforced): readonly Loose[] {
  const usual: readonly Written[] = [
    ...waves.map((wave, index) => ({ ...wave, at: ["waves", index] })),
    ...services.map((own, index) => ({ ...own, at: ["services", index] })),
  ];
  const loose = usual.flatMap((one) => [...planOf(one, enforced, []), ...switching(one, enforced)]);
  if (expedite === undefined) return loose;
  const at = ["expedite"];
  if (enforced.expedite === "never")
    return [...loose, { at, found: "a plan of its own", allowed: "none", by: ["expedite"] }];
  const by = enforced.expedite === undefined ? [] : ["expedite"];
  return [
    ...loose,
    ...planOf({ ...expedite, at }, expediteBounds(enforced), by),
    ...switching({ ...expedite, at }, enforced),
  ];
}

/** A switch has nothing to compare, where that is enforced. */
function switching({ at, steps: written = [] }: Written, enforced: Enforced): readonly Loose[] {
  const steps = weightsIn(written);
  const held = comparable(steps, enforced);
  if (String(held) === String(steps)) return [];
  return [{ at: [...at, "steps"], found: listed(steps), allowed: listed(held), by: ["evidence"] }];
}

function planOf(
  { at, steps: written, bake }: Written,
  bounds: Pick<Enforced, "steps" | "bake">,
  by: Path,
): readonly Loose[] {
  const steps = written && weightsIn(written);
  const strict = steps && bounds.steps && strictestSteps(steps, bounds.steps);
  return [
    ...(steps === undefined || strict === undefined || String(strict) === String(steps)
      ? []
      : [
          {
            at: [...at, "steps"],
            found: listed(steps),
            allowed: `at most ${listed(bounds.steps ?? [])} one after the other`,
            by: [...by, "steps"],
          },
        ]),
    ...least(bake, bounds.bake, durationText).map((words) => ({
      at: [...at, "bake"],
      ...words,
      by: [...by, "bake"],
    })),
  ];
}

function ofTargets({ targets, waves }: RepoConfig, { evidence, observe, onAbort }: Enforced): readonly Loose[] {
  return [
    ...targets.flatMap((target, index) => [
      ...ranked(STRICTEST.evidence, target.evidence, evidence).map((words) => ({
        at: ["targets", index, "evidence"],
        ...words,
        by: ["evidence"],
      })),
      ...ranked(STRICTEST.observe, target.observe, observe).map((words) => ({
        at: ["targets", index, "observe"],
        ...words,
        by: ["observe"],
      })),
    ]),
    ...waves.flatMap((wave, index) =>
      exactly(wave.onAbort, onAbort).map((words) => ({ at: ["waves", index, "onAbort"], ...words, by: ["onAbort"] })),
    ),
  ];
}

function ofAll(config: RepoConfig, enforced: Enforced): readonly Loose[] {
  const pace = most(config.pace?.mergesPerMinute, enforced.pace?.mergesPerMinute);
  const key = (at: Path, all: readonly Words[]) => all.map((words) => ({ at, ...words, by: at }));
  return [
    ...key(["deadline"], most(config.deadline, enforced.deadline, durationText)),
    ...key(["onDeadline"], exactly(config.onDeadline, enforced.onDeadline)),
    ...key(["onAbort"], exactly(config.onAbort, enforced.onAbort)),
    ...key(["bumps"], exactly(config.bumps, enforced.bumps)),
    ...key(["pace", "mergesPerMinute"], pace),
  ];
}

type Gates = NonNullable<RepoConfig["services"][number]["gates"]>;

function gatesIn({ gates, services }: RepoConfig): readonly (readonly [Path, Gates])[] {
  return [
    ...(gates === undefined ? [] : [[["gates"], gates] as const]),
    ...services.flatMap((own, index) =>
      own.gates === undefined ? [] : [[["services", index, "gates"], own.gates] as const],
    ),
  ];
}

function ofGates(at: Path, gates: Gates, enforced: Enforced): readonly Loose[] {
  const bounds = enforced.gates;
  const key = (path: Path, all: readonly Words[]) =>
    all.map((words) => ({ at: [...at, ...path], ...words, by: ["gates", ...path] }));
  return [
    ...key(["warmUp"], most(gates.warmUp, bounds?.warmUp, durationText)),
    ...errors(gates, enforced).map((one) => ({ ...one, at: [...at, ...one.at] })),
    ...latency(gates, enforced).map((one) => ({ ...one, at: [...at, ...one.at] })),
  ];
}

function errors({ errors: written = {} }: Gates, enforced: Enforced): readonly Loose[] {
  const bounds = enforced.gates?.errors ?? {};
  const of = (name: keyof typeof written, all: readonly Words[], by = name) =>
    all.map((words) => ({ at: ["errors", name], ...words, by: ["gates", "errors", by] }));
  return [
    ...(["beta", "tolerance", "regression", "slo", "unhealthy"] as const).flatMap((name) =>
      of(name, most(written[name], bounds[name])),
    ),
    ...(["power", "minimum"] as const).flatMap((name) => of(name, least(written[name], bounds[name]))),
    ...of("dispersion", exactly(written.dispersion, bounds.dispersion)),
    ...of("noData", ranked(STRICTEST.noData, written.noData, bounds.noData)),
    ...of(
      "threshold",
      most(written.threshold, mostThreshold(enforced)),
      bounds.threshold === undefined ? "alpha" : "threshold",
    ),
  ];
}

function latency({ latency: written }: Gates, enforced: Enforced): readonly Loose[] {
  const bounds = enforced.gates?.latency;
  if (bounds === undefined || written === undefined) return [];
  if (written === "off")
    return [{ at: ["latency"], found: "off", allowed: "latency to be judged", by: ["gates", "latency"] }];
  return (["tolerated", "regression"] as const).flatMap((name) =>
    most(written[name], bounds[name], percent).map((words) => ({
      at: ["latency", name],
      ...words,
      by: ["gates", "latency", name],
    })),
  );
}

type Words = Pick<Loose, "found" | "allowed">;

function most(
  value: number | undefined,
  bound: number | undefined,
  text: (value: number) => string = String,
): readonly Words[] {
  if (value === undefined || bound === undefined || value <= bound) return [];
  return [{ found: text(value), allowed: `at most ${text(bound)}` }];
}

function least(
  value: number | undefined,
  bound: number | undefined,
  text: (value: number) => string = String,
): readonly Words[] {
  if (value === undefined || bound === undefined || value >= bound) return [];
  return [{ found: text(value), allowed: `at least ${text(bound)}` }];
}

function exactly<Value>(value: Value | undefined, bound: Value | undefined): readonly Words[] {
  if (value === undefined || bound === undefined || value === bound) return [];
  return [{ found: String(value), allowed: `${String(bound)} alone` }];
}

function ranked<Kind extends string>(
  order: readonly Kind[],
  value: Kind | undefined,
  bound: Kind | undefined,
): readonly Words[] {
  if (value === undefined || bound === undefined) return [];
  const allowed = order.slice(0, order.indexOf(bound) + 1);
  return allowed.includes(value) ? [] : [{ found: value, allowed: allowed.join(" or ") }];
}

function listed(steps: readonly number[]): string {
  return steps.map((step) => `${step}%`).join(", ");
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
