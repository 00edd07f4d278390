import { dispersionOf, type Dispersion } from "../core/gate/dispersion.ts";
import { LEAST_WINDOWS } from "../core/gate/calibration.ts";
import { placebosNeeded, placeboThreshold } from "../core/gate/placebo.ts";
import { logBar, type GateSettings } from "../core/gate/settings.ts";
import type { Window } from "../core/window.ts";
import { watched } from "./trial.ts";

/** Windows of a placebo release, by step. */
export type Release = readonly (readonly Window[])[];

export type Blocks = { readonly blocked: number; readonly of: number };

/** What identical releases of the past say of the gate. */
export type Identical = Blocks & {
  /** How failures cluster; from fewer than 50 windows it is not believed. */
  readonly dispersion: Dispersion;
  /** Log of what E stays below but for a share of alpha, under `settings`; undefined where they are too few to tell. */
  readonly placeboLogE: number | undefined;
  /** How many it takes to promise alpha, and what these can promise. */
  readonly needed: number;
  readonly promised: number;
  /** The settings that follow from this past; those that were given where nothing does. */
  readonly settings: GateSettings;
  /** What the settings that follow from the earlier half block of the later one; undefined where a half can promise nothing. */
  readonly later: Blocks | undefined;
};

/** How many of the releases the gate blocks. */
export function blocksOf(releases: readonly Release[], settings: GateSettings): Blocks {
  const blocked = releases.filter((steps) => watched(steps, settings).blockedAt !== undefined).length;
  return { blocked, of: releases.length };
}

/** What releases in which both arms ran one version say; `history`: all such windows. */
export function identicalOf(
  releases: readonly Release[],
  history: readonly Window[],
  settings: GateSettings,
): Identical {
  const { settings: followed, dispersion, placeboLogE } = settingsFrom(releases, history, settings);
  const half = Math.floor(releases.length / 2);
  const [earlier, later] = [releases.slice(0, half), releases.slice(half)];
  const needed = placebosNeeded(settings.alpha);
  const learnt = settingsFrom(earlier, earlier.flat(2), settings).settings;
  return {
    ...blocksOf(releases, settings),
    dispersion,
    placeboLogE,
    needed,
    promised: 1 / (releases.length + 1),
    settings: followed,
    later: half >= needed ? blocksOf(later, learnt) : undefined,
  };
}

/** A dispersion that is so much above the one that is reckoned with, more than its own uncertainty, is worth writing. */
export const MATTERS = 1.25;

/** Beyond it identical arms differ by more than a threshold should be asked to forgive. */
export const HIGHEST_THRESHOLD = 1e6;

function settingsFrom(releases: readonly Release[], history: readonly Window[], settings: GateSettings) {
  const dispersion = dispersionOf(history);
  const isKnown = dispersion.windows >= LEAST_WINDOWS;
  // Who writes nothing is taken not to know, which costs more than a small number that is written.
  const isWorth = dispersion.value > settings.dispersion * MATTERS || settings.exactDispersion !== undefined;
  const spread = isKnown && isWorth ? withDispersion(settings, dispersion.value) : settings;
  // A release that never had failures enough to block shows no evidence, which is E = 1.
  const scores = releases.map((steps) => Math.max(0, watched(steps, spread).logE));
  const placeboLogE = placeboThreshold(scores, settings.alpha);
  const isRaised = placeboLogE !== undefined && placeboLogE > logBar(spread);
  const threshold = isRaised ? writtenThreshold(placeboLogE) : undefined;
  return {
    dispersion,
    placeboLogE,
    settings: threshold === undefined ? spread : { ...spread, placeboLogE: Math.log(threshold) },
  };
}

function withDispersion({ exactDispersion: _, ...settings }: GateSettings, value: number): GateSettings {
  return { ...settings, dispersion: Math.max(settings.dispersion, upTo(value, 0.01)) };
}

/** The threshold in two digits, rounded up; undefined where it is too high to be written. */
function writtenThreshold(logE: number): number | undefined {
  if (logE > Math.log(HIGHEST_THRESHOLD)) return undefined;
  const value = Math.exp(logE);
  return upTo(value, 10 ** (Math.floor(Math.log10(value)) - 1));
}

/** The next multiple of `unit`, without the digits that binary fractions bring. */
function upTo(value: number, unit: number): number {
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(6));
}
