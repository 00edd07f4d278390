import type { Webhook } from "./ingress-payloads.ts";
import { generatorProcess, serverProcess, type Generator, type ServerProcess } from "./ingress-processes.ts";
import type { ServerKind } from "./ingress-server.ts";

/** What one way of taking webhooks costs: CPU microseconds for each that was accepted, and how many times as much as bare `node:http` with the HMAC in the same round; medians of the rounds. */
export type WayCost = {
  readonly kind: ServerKind;
  readonly micros: number;
  readonly ratio: number;
  readonly accepted: number;
  readonly refused: number;
};

export type CpuRun = {
  readonly secret: string;
  readonly webhooks: readonly Webhook[];
  readonly rounds: number;
  /** Of each way in each round. */
  readonly seconds: number;
};

const KINDS: readonly ServerKind[] = ["bare", "parsed", "ours", "probot"];
/** Answered before anything is counted: what runs for days has been compiled. */
const WARM_WEBHOOKS = 15_000;
const CONNECTIONS = 8;

type Trial = { readonly micros: number; readonly accepted: number; readonly refused: number };

/** Lets the ways take turns, each in a process of its own, so that what else the machine does falls on all of them. */
export async function compareWays(run: CpuRun): Promise<readonly WayCost[]> {
  const generator = generatorProcess();
  const servers = new Map<ServerKind, ServerProcess>();
  for (const kind of KINDS) servers.set(kind, await serverProcess(kind, run.secret));
  try {
    for (const server of servers.values()) await warmUp(generator, server, run);
    const rounds: ReadonlyMap<ServerKind, Trial>[] = [];
    for (let round = 0; round < run.rounds; round += 1) {
      const trials = new Map<ServerKind, Trial>();
      for (const [kind, server] of servers) trials.set(kind, await trial(generator, server, run));
      rounds.push(trials);
    }
    return KINDS.map((kind) => costOf(kind, rounds));
  } finally {
    for (const server of servers.values()) server.end();
    generator.end();
  }
}

async function warmUp(generator: Generator, server: ServerProcess, run: CpuRun): Promise<void> {
  for (let answered = 0; answered < WARM_WEBHOOKS;) {
    const { accepted, refused } = await trial(generator, server, run);
    answered += accepted + refused;
  }
}

async function trial(generator: Generator, server: ServerProcess, run: Omit<CpuRun, "rounds">): Promise<Trial> {
  const { secret, webhooks, seconds } = run;
  const before = await server.spent();
  const answered = await generator.send({ port: server.port, secret, seconds, connections: CONNECTIONS, webhooks });
  const { cpuMicros } = await server.spent();
  const accepted = answered.filter(isAccepted).length;
  return { micros: (cpuMicros - before.cpuMicros) / accepted, accepted, refused: answered.length - accepted };
}

/** Whether GitHub would take a webhook for delivered. */
export function isAccepted([, , , status]: readonly [number, number, number, number]): boolean {
  return status >= 200 && status < 300;
}

function costOf(kind: ServerKind, rounds: readonly ReadonlyMap<ServerKind, Trial>[]): WayCost {
  const trials = rounds.flatMap((round) => round.get(kind) ?? []);
  const ratios = rounds.map((round) => (round.get(kind)?.micros ?? Number.NaN) / (round.get("bare")?.micros ?? 0));
  const sum = (of: (trial: Trial) => number) => trials.reduce((total, one) => total + of(one), 0);
  return {
    kind,
    micros: quantile(
      trials.map(({ micros }) => micros),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
  };
}

/** The value that a share of the others do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}
