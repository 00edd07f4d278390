import type { decide } from "../../src/core/decide.ts";
import type { World } from "../../src/reconcile/reconcile.ts";
import type { Readings } from "../../src/reconcile/readings.ts";
import type { ModelCluster } from "./cluster.ts";
import type { Event } from "./events.ts";
import type { ModelForge } from "./forge.ts";
import type { ModelGit } from "./git.ts";
import type { Luck, Misfortune } from "./luck.ts";
import type { Deed, Spoken } from "./people.ts";

/** What people do in a story, apart from what goes wrong in it. */
export type Scenario = {
  readonly services: readonly string[];
  /** Where each of them runs: `staging` first, the others in a second wave; empty: `prod` alone. */
  readonly targets: readonly string[];
  readonly events: readonly Event[];
  /** Tags whose error rate is ten times the usual; `shop/eu 1.1.0` where only in one place. */
  readonly bad: ReadonlySet<string>;
  /** What becomes of a second bump, as configuration says it. */
  readonly bumps: "supersede" | "queue" | "batch";
  /** No metric tells of pods: commit statuses say what was delivered. */
  readonly isReported?: boolean;
  /** All of the traffic switches at once: steps of 0 and 100. */
  readonly isSwitched?: boolean;
  /** Testers have the canary before everybody. */
  readonly isTested?: boolean;
  /** Copies of requests go to the canary before anybody does. */
  readonly isMirrored?: boolean;
  /** Whether all that people have stopped is set going again in the end; else a service may stay where they stopped it. */
  readonly isMended: boolean;
};

export type Options = {
  readonly seed: number;
  readonly luck: Luck;
  readonly readings: Readings;
  readonly decide?: typeof decide;
  /** Makes the bot's hands do something else than the ports say. */
  readonly tamper?: (world: World) => World;
  /** Told every event, look, decision, call and merge, in a line each. */
  readonly trace?: (line: string) => void;
};

/** A story after its end, as the world recorded it. */
export type Story = {
  readonly git: ModelGit;
  readonly forge: ModelForge;
  readonly cluster: ModelCluster;
  readonly looks: number;
  readonly decisions: number;
  /** How often each pair of a call and a trouble was met. */
  readonly hits: ReadonlyMap<string, number>;
  /** The misfortunes that came to pass, in order. */
  readonly struck: readonly Misfortune[];
  /** What failed and no misfortune explains. */
  readonly failures: readonly string[];
  readonly spoken: readonly Spoken[];
  readonly deeds: readonly Deed[];
  readonly endedAt: number;
  /** It came to an end by itself: nothing changed any more. */
  readonly quiet: boolean;
};

/** The places of a scenario, in the order of their waves: its services, or the targets of each. */
export function placesIn({ services, targets }: Pick<Scenario, "services" | "targets">): readonly string[] {
  return services.flatMap((service) => (targets.length === 0 ? [service] : targets.map((one) => `${service}/${one}`)));
}

/** Whether a version fails in a place. */
export function isBad({ bad }: Pick<Scenario, "bad">, place: string, image: string): boolean {
  const tag = image.slice(image.lastIndexOf(":") + 1);
  return bad.has(tag) || bad.has(`${place} ${tag}`);
}
