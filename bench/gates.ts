import { err, ok, type Result } from "../src/core/result.ts";
import { optionsOf } from "../src/sandbox/command-line.ts";
import { FULL, SERVICES, steady, type Service } from "./gates-classes.ts";
import { judgeData } from "./gates-data.ts";
import { cellsOf, standingOf, type Figure } from "./gates-figures.ts";
import type { Played } from "./gates-job.ts";
import { OURS_1, OURS_5 } from "./gates-methods.ts";
import { ALL, jobsOf, QUICK, STANDARD, type Sizes, type Subject } from "./gates-plan.ts";
import { playAll } from "./gates-pool.ts";
import { clusteredBlocks, comparedCells, detections, falseBlocks, singles } from "./gates-targets-errors.ts";
import { gauges, latencies, passes, togetherFigures } from "./gates-targets-other.ts";
import { backtestText, classText, climbText, comparisonText, figureText, latencyText } from "./gates-text.ts";

const USAGE = `Simulates releases of services, judges them by our gates and by what others do, and holds the figures against the targets.

Usage: npm run bench:gates -- [options]

  --quick         fewer rollouts, under two minutes on two cores (default)
  --full          at least 2,000 identical releases of each class
  --seeds A,B     seeds, 1 unless given; each plays all rollouts again
  --classes A,B   these of the classes alone
  --class NAME    this class alone; with a new name, one of your own, which needs --rpm and --p
  --rpm N         its requests a minute
  --p P           its error rate, a fraction of 1
  --errors HOW    how its errors arrive: steady, seasonal, incident or clustered
  --cluster N     how many come at a time, on average, where they are clustered (5)
  --bias S        how far uneven pods differ for good, as a spread of logarithms (0.05)
  --noise S       and from window to window (0.15)
  --weight W      one weight for an hour instead of a full rollout, a fraction of 1
  --data DIR      real data instead of simulated: releases of one's own, or a clone of one of two public sets; see bench/README.md
  --json          the last line on stdout is one JSON object
  --help          this text

Classes: ${SERVICES.map(({ name }) => name).join(", ")}.
Exit status: 0 when every target holds, 1 when one does not, 2 for a wrong option. A quick run fails a target only where the exact interval
of the figure lies beyond it.
`;

type Asked = {
  readonly subject: Subject;
  readonly sizes: Sizes;
  readonly seeds: readonly number[];
  readonly isFull: boolean;
  readonly isJson: boolean;
  readonly data: string | undefined;
};

type Written = {
  readonly class?: string | undefined;
  readonly classes?: string | undefined;
  readonly rpm?: string | undefined;
  readonly p?: string | undefined;
  readonly errors?: string | undefined;
  readonly cluster?: string | undefined;
  readonly bias?: string | undefined;
  readonly noise?: string | undefined;
  readonly weight?: string | undefined;
};

const PATTERNS: readonly Service["errors"][] = ["steady", "seasonal", "incident", "clustered"];

function asked(): Result<Asked | "help", string> {
  const parsed = optionsOf({
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    seeds: { type: "string", default: "1" },
    class: { type: "string" },
    classes: { type: "string" },
    rpm: { type: "string" },
    p: { type: "string" },
    errors: { type: "string" },
    cluster: { type: "string" },
    bias: { type: "string" },
    noise: { type: "string" },
    weight: { type: "string" },
    data: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (parsed.kind === "err") return parsed;
  const { quick, full, seeds, json, help, data } = parsed.value;
  if (help) return ok("help");
  if (quick && full) return err("Give --quick or --full.");
  if (!/^\d{1,9}(,\d{1,9})*$/.test(seeds)) return err(`--seeds must be whole numbers, not ${JSON.stringify(seeds)}.`);
  const subject = subjectOf(parsed.value);
  if (subject.kind === "err") return subject;
  return ok({
    subject: subject.value,
    sizes: full ? ALL : QUICK,
    seeds: seeds.split(",").map(Number),
    isFull: full,
    isJson: json,
    data,
  });
}

function subjectOf({ weight, class: name, classes, ...shape }: Written): Result<Subject, string> {
  const shaped = [shape.rpm, shape.p, shape.errors, shape.cluster, shape.bias, shape.noise];
  const isShaped = shaped.some((option) => option !== undefined);
  if (weight === undefined && name === undefined && classes === undefined && !isShaped) return ok(STANDARD);
  const weights = weight === undefined ? FULL : steady(Number(weight), 60);
  if (!weights.every((one) => one > 0 && one < 1)) return err("--weight must be above 0 and below 1.");
  if (name === undefined) return isShaped ? err("What describes a class needs --class.") : classesOf(classes, weights);
  if (classes !== undefined) return err("Give --class or --classes.");
  const service = serviceOf(name, shape);
  return service.kind === "err" ? service : ok({ services: [service.value], weights });
}

function classesOf(names: string | undefined, weights: Subject["weights"]): Result<Subject, string> {
  if (names === undefined) return ok({ services: SERVICES, weights });
  const asked = names.split(",").map((name) => name.trim());
  const unknown = asked.find((name) => !SERVICES.some((service) => service.name === name));
  if (unknown !== undefined) return err(`--classes knows no class ${JSON.stringify(unknown)}; --class makes one.`);
  return ok({ services: SERVICES.filter(({ name }) => asked.includes(name)), weights });
}

function serviceOf(name: string, { rpm, p, errors, ...rest }: Written): Result<Service, string> {
  const known = SERVICES.find((one) => one.name === name);
  const pattern = errors === undefined ? (known?.errors ?? "steady") : PATTERNS.find((one) => one === errors);
  if (pattern === undefined) return err(`--errors must be one of ${PATTERNS.join(", ")}.`);
  const requests = Number(rpm ?? known?.rpm);
  const errorRate = Number(p ?? known?.errorRate);
  const [cluster, bias, noise] = [Number(rest.cluster ?? 5), Number(rest.bias ?? 0.05), Number(rest.noise ?? 0.15)];
  if (!(requests > 0 && requests <= 1_000_000)) return err("--rpm must be above 0 and at most a million.");
  if (!(errorRate >= 0 && errorRate < 1)) return err("--p must be at least 0 and below 1.");
  if (!(cluster > 1 && cluster <= 1000)) return err("--cluster must be above 1 and at most 1000.");
  if (![bias, noise].every((spread) => spread >= 0 && spread <= 2)) return err("--bias and --noise must be 0 to 2.");
  return ok({ name, rpm: requests, errorRate, errors: pattern, cluster, bias, noise });
}

function figuresOf(played: readonly Played[], { subject }: Asked): readonly Figure[] {
  return [
    ...falseBlocks(played, subject === STANDARD),
    ...clusteredBlocks(played),
    ...detections(played, subject === STANDARD),
    ...singles(played),
    ...latencies(played),
    ...gauges(played),
    ...passes(played),
    ...togetherFigures(played),
  ];
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

function print(wanted: Asked, played: readonly Played[], figures: readonly Figure[]): void {
  const cells = comparedCells(played);
  const texts = [
    comparisonText(cells),
    classText(cells, OURS_1),
    classText(cells, OURS_5),
    backtestText(cells, OURS_1),
    latencyText(played),
    climbText(played),
    figureText(figures, wanted.isFull),
  ];
  process.stdout.write(`${texts.join("\n")}\n`);
  if (!wanted.isJson) return;
  const methods = cellsOf(played).map(({ job, blocked }) => ({
    service: job.service,
    scenario: job.scenario.name,
    weight: job.weights.every((one) => one === job.weights[0]) ? job.weights[0] : "full",
    blocked: Object.fromEntries([...blocked].map(([name, minutes]) => [name, minutes.filter((at) => at > 0).length])),
    rollouts: Math.max(...[...blocked.values()].map((minutes) => minutes.length)),
  }));
  process.stdout.write(`${jsonOf(figures, wanted, methods)}\n`);
}

function jsonOf(figures: readonly Figure[], { seeds, isFull }: Asked, cells: readonly unknown[]): string {
  const targets = figures.map((figure) => ({ ...figure, standing: standingOf(figure, isFull) }));
  const holds = targets.every(({ standing }) => standing !== "fails");
  return JSON.stringify({ seeds, full: isFull, holds, targets, cells });
}

function exitOf(figures: readonly Figure[], isFull: boolean): number {
  const failed = figures.filter((figure) => standingOf(figure, isFull) === "fails").length;
  if (failed > 0) process.stderr.write(`${failed} figures do not hold.\n`);
  return failed > 0 ? 1 : 0;
}

function judgeReal(folder: string, wanted: Asked): number {
  const real = judgeData(folder, { seed: wanted.seeds[0] ?? 1, isFull: wanted.isFull });
  if (real.kind === "err") return refuse(`${real.error}\n`);
  const { text, figures } = real.value;
  process.stdout.write(`${text}\n${figureText(figures, wanted.isFull)}\n`);
  if (wanted.isJson) process.stdout.write(`${jsonOf(figures, wanted, [])}\n`);
  return exitOf(figures, wanted.isFull);
}

async function main(): Promise<number> {
  const wanted = asked();
  if (wanted.kind === "err") return refuse(`${wanted.error}\n\n${USAGE}`);
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const { subject, sizes, seeds, isFull, data } = wanted.value;
  if (data !== undefined) return judgeReal(data, wanted.value);
  const started = performance.now();
  const played = await playAll(seeds.flatMap((seed) => jobsOf(subject, sizes, seed)));
  const figures = figuresOf(played, wanted.value);
  process.stdout.write(
    `Simulated in ${Math.round((performance.now() - started) / 1000)} s, seeds ${seeds.join(", ")}.\n\n`,
  );
  print(wanted.value, played, figures);
  return exitOf(figures, isFull);
}

process.exitCode = await main();
