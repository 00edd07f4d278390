import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { mergesOf, pushesOf, type Limits } from "../adapters/github/budget.ts";
import { addressRule } from "../adapters/http/addresses.ts";
import { guardedFetch } from "../adapters/http/guarded-fetch.ts";
import { patientFetch } from "../adapters/metrics/patient-fetch.ts";
import type { Asking } from "../adapters/metrics/provider.ts";
import { FORMS } from "../adapters/metrics/providers/table.ts";
import type { Clock } from "../ports/clock.ts";
import type { Operator } from "../reconcile/providers.ts";
import type { Settings } from "./settings.ts";

/** What the operator lets configuration reach. Mounted files are read whenever they are asked for, so that a new key needs no new start. */
export function operatorOf(
  settings: Pick<Settings, "METRICS_HOSTS" | "METRICS_FILES">,
  environment: Operator["environment"],
): Operator {
  const { METRICS_HOSTS: hosts, METRICS_FILES: folder } = settings;
  return { hosts, forms: FORMS, environment, mounted: (name) => mountedIn(folder, name) };
}

/** What providers of metrics are asked through: checked addresses, and patience where one asks for it. */
export function askingFor(
  { METRICS_NETWORKS: networks }: Pick<Settings, "METRICS_NETWORKS">,
  { now }: Pick<Clock, "now">,
): Asking {
  return { fetch: patientFetch(guardedFetch({ rule: addressRule(networks) }), now), now };
}

/** What the operator says of GitHub's limits. */
export function limitsOf(
  settings: Pick<Settings, "WRITE_GAP_MS" | "PUSHES_PER_MINUTE" | "MERGES_PER_MINUTE">,
): Partial<Limits> {
  return {
    minWriteGapMs: settings.WRITE_GAP_MS,
    pushes: pushesOf(settings.PUSHES_PER_MINUTE),
    merges: mergesOf(settings.MERGES_PER_MINUTE),
  };
}

const MOST_BYTES = 16_384;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

function mountedIn(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || !NAME.test(name)) return undefined;
  const path = join(folder, name);
  try {
    const facts = statSync(path);
    return facts.isFile() && facts.size <= MOST_BYTES ? readFileSync(path, "utf8").trim() : undefined;
  } catch {
    return undefined;
  }
}
