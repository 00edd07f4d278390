import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import { openClone, type Clone } from "../src/adapters/git/clone.ts";
import type { Sha } from "../src/core/names.ts";
import { numbersAsked, ranAs } from "./asked.ts";
import { ok, type Result } from "../src/core/result.ts";
import { isWanted, takeInventory, updateInventory, type Inventory } from "../src/manifest/services/inventory.ts";
import { readSource } from "../src/yaml/source.ts";
import { makeFleet, nameOf } from "./scan-fleet.ts";

const USAGE = `Makes a fleet of services with two targets each, laid out in six ways, as a real bare git repository; discovers
everything in it through git as tidegate services does, and again after single commits, incrementally.

Usage: npm run bench:scan -- [options]

  --services N  how many services (default 2000)
  --commits N   how many commits after the first (default 9)
  --json        the last line on stdout is one JSON object
  --help        this text

Exit status: 0 when all was found and the incremental result is that of a scan from nothing, 1 when not, 2 for a wrong option.
`;

type Asked = { readonly services: number; readonly commits: number; readonly isJson: boolean };

const NUMBERS = new Map([
  ["services", { default: 2000, range: [1, 20_000] }],
  ["commits", { default: 9, range: [1, 1_000] }],
] as const);

function asked(): Result<Asked | "help", string> {
  const given = numbersAsked(NUMBERS);
  if (given.kind === "err") return given;
  if (given.value === "help") return ok("help");
  const { of, isJson } = given.value;
  return ok({ services: of("services"), commits: of("commits"), isJson });
}

type Scan = { readonly inventory: Inventory; readonly texts: ReadonlyMap<string, string> };

async function scan(clone: Clone, commit: Sha): Promise<Scan> {
  const { ids } = await clone.files(commit);
  const wanted = [...ids].filter(([path]) => isWanted(path, []));
  const blobs = await clone.texts(wanted.map(([, id]) => id));
  const texts = new Map(wanted.flatMap(([path, id]) => pair(path, blobs.get(id))));
  return { inventory: takeInventory(ids, (path) => texts.get(path)), texts };
}

function pair(path: string, text: string | undefined): readonly (readonly [string, string])[] {
  return text === undefined ? [] : [[path, text]];
}

async function advance(clone: Clone, inventory: Inventory, from: Sha, to: Sha): Promise<Inventory> {
  const changes = await clone.changed(from, to);
  const blobs = await clone.texts([...changes.values()].filter((id) => id !== undefined));
  return updateInventory(inventory, changes, (path) => {
    const id = changes.get(path);
    return id === undefined ? undefined : blobs.get(id);
  });
}

async function headOf(clone: Clone): Promise<Sha> {
  const head = await clone.resolve("main");
  if (head === undefined) throw new Error("The fleet has no branch main.");
  return head;
}

type Summary = {
  readonly services: number;
  readonly targets: number;
  readonly files: number;
  readonly bytes: number;
  readonly coldSeconds: number;
  readonly incrementalMs: number;
  readonly speedup: number;
  readonly allFound: boolean;
  readonly sameAsCold: boolean;
};

async function measure({ services, commits }: Asked): Promise<Summary> {
  const fleet = makeFleet(services);
  try {
    const clone = await openClone(fleet.directory, process.env);
    const head = await headOf(clone);
    const begin = performance.now();
    const cold = await scan(clone, head);
    const coldMs = performance.now() - begin;
    const { times, last } = await bumps({ fleet, clone, commits, services }, cold.inventory, head);
    const again = await scan(clone, await headOf(clone));
    return {
      services: cold.inventory.fleet.services.length,
      targets: cold.inventory.fleet.services.reduce((sum, { targets }) => sum + targets.length, 0),
      files: cold.texts.size,
      bytes: [...cold.texts.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      coldSeconds: coldMs / 1000,
      incrementalMs: median(times),
      speedup: speedup([...cold.texts]),
      allFound: isComplete(cold.inventory, services),
      sameAsCold: isDeepStrictEqual(last.fleet, again.inventory.fleet),
    };
  } finally {
    fleet.remove();
  }
}

type Run = {
  readonly fleet: ReturnType<typeof makeFleet>;
  readonly clone: Clone;
  readonly commits: number;
  readonly services: number;
};

async function bumps(
  { fleet, clone, commits, services }: Run,
  first: Inventory,
  head: Sha,
): Promise<{ readonly times: readonly number[]; readonly last: Inventory }> {
  const times: number[] = [];
  let [inventory, at] = [first, head];
  for (let number = 0; number < commits; number += 1) {
    fleet.bump((number * 101) % services, `2.${number}.0`);
    const next = await headOf(clone);
    const begin = performance.now();
    inventory = await advance(clone, inventory, at, next);
    times.push(performance.now() - begin);
    at = next;
  }
  return { times, last: inventory };
}

/** Whether each service was found once, in both of its targets, with the version of each. */
function isComplete({ fleet }: Inventory, services: number): boolean {
  const found = new Map(fleet.services.map((service) => [service.name, service.targets]));
  return Array.from({ length: services }, (_, index) => found.get(nameOf(index))).every(
    (targets) =>
      targets?.map(({ name }) => name).join(" ") === "prod staging" &&
      targets.every(({ images }) => images.length === 1 && images[0]?.version === "1.0.0"),
  );
}

/** How many times as fast a manifest is read as the yaml package parses it. */
function speedup(files: readonly (readonly [string, string])[]): number {
  const plain = files
    .filter(([path, text]) => /\.ya?ml$/.test(path) && !text.includes("{{"))
    .map(([path, text]) => ({ path, text }));
  const ours = timed(() => plain.forEach((file) => readSource(file)));
  const theirs = timed(() => plain.forEach(({ text }) => parseAllDocuments(text, { logLevel: "silent" })));
  return theirs / ours;
}

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? Number.NaN;
}

function textOf(summary: Summary): string {
  const row = (name: string, value: string) => `  ${name.padEnd(48)}${value.padStart(12)}\n`;
  return [
    row("services", String(summary.services)),
    row("services × targets", String(summary.targets)),
    row("files read", String(summary.files)),
    row("bytes", String(summary.bytes)),
    row("from nothing, with git", `${summary.coldSeconds.toFixed(2)} s`),
    row("after one commit, with git (median)", `${summary.incrementalMs.toFixed(0)} ms`),
    row("reading, against parsing by the yaml package", `${summary.speedup.toFixed(1)} times`),
    row("every service found in both targets", summary.allFound ? "yes" : "NO"),
    row("after commits the same as from nothing", summary.sameAsCold ? "yes" : "NO"),
  ].join("");
}

async function run(wanted: Asked): Promise<number> {
  const summary = await measure(wanted);
  process.stdout.write(textOf(summary));
  if (wanted.isJson) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.allFound && summary.sameAsCold ? 0 : 1;
}

process.exitCode = await ranAs(USAGE, asked(), run);
