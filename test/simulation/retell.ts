import type { Breach } from "./laws.ts";
import { listed } from "./luck.ts";
import { KINDS, luckOf, teller, type Kind, type Teller } from "./seeds.ts";
import { shrunk, type Case } from "./shrink.ts";
import type { Options } from "./story.ts";

export type Retelling = {
  readonly kind: Kind;
  readonly seed: number;
  readonly how?: Pick<Options, "decide" | "tamper">;
};

/** A seed's story, line by line, and at the end what it broke. */
export async function traced({ kind, seed, how }: Retelling): Promise<readonly string[]> {
  const lines: string[] = [];
  const trace = (line: string) => void lines.push(line);
  const scenario = KINDS[kind].scenarioOf(seed);
  const { breaches } = await teller()(kind, scenario, { seed, luck: luckOf(kind, seed), trace, ...how });
  return [...lines, ...breaches.map(({ law, what }) => `BROKEN ${law}: ${what}`)];
}

export type Reduced = {
  readonly parts: { readonly events: number; readonly misfortunes: number };
  readonly trace: readonly string[];
};

/** What a breach says, without ids and numbers: the same breach of a smaller story. */
function kindOfBreach({ law, what }: Breach): string {
  return `${law} ${what.replaceAll(/[0-9a-f]{7,}|\d+/g, "·")}`;
}

/** The smallest story found that breaks the same law in the same way as the given breach, told. */
export async function reduced(
  { kind, seed, how }: Retelling,
  breach: Breach,
  told?: (tries: number, parts: number) => void,
): Promise<Reduced> {
  const tell = teller();
  const scenario = KINDS[kind].scenarioOf(seed);
  const first = await tell(kind, scenario, { seed, luck: luckOf(kind, seed), ...how });
  const breaks = async (one: Case) =>
    (await retold(tell, { kind, seed, how: how ?? {} }, one)).broken.has(kindOfBreach(breach));
  const small = await shrunk({ scenario, misfortunes: first.story.struck }, breaks, told);
  const { lines } = await retold(tell, { kind, seed, how: how ?? {} }, small);
  const { events } = small.scenario;
  return { parts: { events: events.length, misfortunes: small.misfortunes.length }, trace: lines };
}

async function retold(
  tell: Teller,
  { kind, seed, how }: Required<Retelling>,
  { scenario, misfortunes }: Case,
): Promise<{ readonly broken: ReadonlySet<string>; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const trace = (line: string) => void lines.push(line);
  const { breaches } = await tell(kind, scenario, { seed, luck: listed(misfortunes), trace, ...how });
  const ends = breaches.map(({ law, what }) => `BROKEN ${law}: ${what}`);
  return { broken: new Set(breaches.map(kindOfBreach)), lines: [...lines, ...ends] };
}
