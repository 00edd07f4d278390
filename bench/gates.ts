import { err, ok, type Result } from "../src/core/result.ts";
import { optionsOf } from "../src/sandbox/command-line.ts";
import { FULL, SERVICES, steady, type Service } from "./gates-classes.ts";
import { cellsOf, standingOf, type Figure } from "./gates-figures.ts";
import type { Played } from "./gates-job.ts";
import { OURS_1, OURS_5 } from "./gates-methods.ts";
import { ALL, jobsOf, QUICK, STANDARD, type Sizes, type Subject } from "./gates-plan.ts";
import { playAll } from "./gates-pool.ts";
import { clusteredBlocks, comparedCells, detections, falseBlocks, singles } from "./gates-targets-errors.ts";
import { gauges, latencies, passes, togetherFigures } from "./gates-targets-other.ts";
import { backtestText, classText, climbText, comparisonText, figureText } from "./gates-text.ts";

const USAGE = `Simulates releases of services, judges them by our gates and by what others do, and holds the figures against the targets.

Usage: npm run bench:gates -- [options]

  --quick         fewer rollouts, under two minutes on two cores (default)
  --full          at least 2,000 identical releases of each class
  --seeds A,B     seeds, 1 unless given; each plays all rollouts again
  --class NAME    this class alone; with a new name, one of your own, which needs --rpm and --p
  --rpm N         its requests a minute
  --p P           its error rate, a fraction of 1
  --errors HOW    how its errors arrive: steady, seasonal, incident or clustered
  --weight W      one weight for an hour instead of a full rollout, a fraction of 1
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
};

type Written = {
  readonly class?: string | undefined;
  readonly rpm?: string | undefined;
  readonly p?: string | undefined;
  readonly errors?: string | undefined;
  readonly weight?: string | undefined;
};

const PATTERNS: readonly Service["errors"][] = ["steady", "seasonal", "incident", "clustered"];

function asked(): Result<Asked | "help", string> {
  const parsed = optionsOf({
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    seeds: { type: "string", default: "1" },
    class: { type: "string" },
    rpm: { type: "string" },
    p: { type: "string" },
    errors: { type: "string" },
    weight: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (parsed.kind === "err") return parsed;
  const { quick, full, seeds, json, help } = parsed.value;
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
  });
}

function subjectOf(written: Written): Result<Subject, string> {
  const { class: name, rpm, p, errors, weight } = written;
  if ([name, rpm, p, errors, weight].every((option) => option === undefined)) return ok(STANDARD);
  const weights = weight === undefined ? FULL : steady(Number(weight), 60);
  if (!weights.every((one) => one > 0 && one < 1)) return err("--weight must be above 0 and below 1.");
  if (name === undefined)
    return weight === undefined || rpm !== undefined || p !== undefined || errors !== undefined
      ? err("--rpm, --p and --errors need a --class.")
      : ok({ services: SERVICES, weights });
  const service = serviceOf(name, written);
  return service.kind === "err" ? service : ok({ services: [service.value], weights });
}

function serviceOf(name: string, { rpm, p, errors }: Written): Result<Service, string> {
  const known = SERVICES.find((one) => one.name === name);
  const pattern = errors === undefined ? (known?.errors ?? "steady") : PATTERNS.find((one) => one === errors);
  if (pattern === undefined) return err(`--errors must be one of ${PATTERNS.join(", ")}.`);
  const requests = Number(rpm ?? known?.rpm);
  const errorRate = Number(p ?? known?.errorRate);
  if (!(requests > 0 && requests <= 1_000_000)) return err("--rpm must be above 0 and at most a million.");
  if (!(errorRate > 0 && errorRate < 1)) return err("--p must be above 0 and below 1.");
  return ok({ name, rpm: requests, errorRate, errors: pattern });
}

function figuresOf(played: readonly Played[], { subject }: Asked): readonly Figure[] {
  return [
    ...falseBlocks(played),
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
  const { seeds, isFull } = wanted;
  const targets = figures.map((figure) => ({ ...figure, standing: standingOf(figure, isFull) }));
  const holds = targets.every(({ standing }) => standing !== "fails");
  process.stdout.write(`${JSON.stringify({ seeds, full: isFull, holds, targets, cells: methods })}\n`);
}

async function main(): Promise<number> {
  const wanted = asked();
  if (wanted.kind === "err") return refuse(`${wanted.error}\n\n${USAGE}`);
  if (wanted.value === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  const { subject, sizes, seeds, isFull } = wanted.value;
  const started = performance.now();
  const played = await playAll(seeds.flatMap((seed) => jobsOf(subject, sizes, seed)));
  const figures = figuresOf(played, wanted.value);
  process.stdout.write(
    `Simulated in ${Math.round((performance.now() - started) / 1000)} s, seeds ${seeds.join(", ")}.\n\n`,
  );
  print(wanted.value, played, figures);
  const failed = figures.filter((figure) => standingOf(figure, isFull) === "fails").length;
  if (failed > 0) process.stderr.write(`${failed} figures do not hold.\n`);
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
