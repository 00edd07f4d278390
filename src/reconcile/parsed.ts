import { gateMetrics } from "../analysis/gate.ts";
import { dangersOf } from "../analysis/lint/gate-doubts.ts";
import { problemText } from "../config/document.ts";
import { parseState } from "../config/state-file.ts";
import type { Change } from "../core/change.ts";
import { filesOf } from "../core/manifests.ts";
import { applyChange } from "../manifest/change.ts";
import { readMember } from "../manifest/member.ts";
import type { Blob } from "../ports/git.ts";
import type { BaseOf } from "../ports/shared.ts";
import { refusalText } from "../yaml/refusal.ts";
import { configReadings, NOTHING_SHARED } from "./config-readings.ts";
import { once } from "./once.ts";
import type { Operator } from "./providers.ts";
import { CONFIG_PATH, type Readings, type Sources, type Understood } from "./readings.ts";

/** Readings that parse a blob once, however many commits hold it. `baseOf`: what configurations are laid over, where anything can be read that they extend. */
export function parsedOnce(
  operator: Operator,
  baseOf: BaseOf = NOTHING_SHARED,
  elsewhere: Readings["elsewhere"] = NOWHERE,
): Readings {
  const states = new Map<string, ReturnType<Readings["state"]>>();
  const manifests = new Map<string, ReturnType<Readings["manifest"]>>();
  const changes = new Map<string, ReturnType<Readings["changed"]>>();
  const dangers = new Map<string, ReturnType<Readings["gateDangers"]>>();
  const gates = new Map<string, ReturnType<Readings["gate"]>>();
  return {
    state: (path, blob) =>
      blob === undefined
        ? refused(`${path}: cannot be read as text of at most 1 MiB`)
        : once(states, `${path} ${blob.id}`, () => readState(path, blob)),
    manifest: (at, service, blobs) => {
      const ids = filesOf(at.manifests).map((path) => `${path} ${blobs.get(path)?.id}`);
      const key = [service, at.namespace, JSON.stringify([at.manifests, at.arms, at.stable]), ...ids].join("\n");
      return once(manifests, key, () => {
        const result = readMember(new Map([...blobs].map(([path, { text }]) => [path, text])), at, service);
        return result.kind === "ok" ? { kind: "read", value: result.value } : refused(refusalText(result.error));
      });
    },
    gate: (settings, words, blobs) => {
      const ids = [...blobs].map(([path, { id }]) => `${path} ${id}`);
      return once(gates, JSON.stringify([settings, words, ids]), () => {
        const files = [...blobs].map(([path, { text }]) => ({ path, text }));
        const found = gateMetrics({ settings, config: CONFIG_PATH, words }, files);
        return found.kind === "ok" ? { kind: "read", value: found.value } : refused(refusalText(found.error));
      });
    },
    gateDangers: (settings, blobs) => {
      const ids = [...blobs].map(([path, { id }]) => `${path} ${id}`);
      const files = [...blobs].map(([path, { text }]) => ({ path, text }));
      return once(dangers, JSON.stringify([settings.template, ids]), () => dangersOf(settings, files));
    },
    changed: (sources, change) => once(changes, changeKey(sources, change), () => applied(sources, change)),
    elsewhere,
    ...configReadings(operator, baseOf),
  };
}

const NOWHERE: Readings["elsewhere"] = async () => [];

/** Everything that the manifests of a change follow from; the base and the commits count by the blobs that they hold. One file may be several services'. */
function changeKey(
  { manifests, older }: Sources,
  { service, target, weight, testers, mirror, canaryReplicas, stableTemplate, canaryTemplate, state }: Change,
): string {
  const at = state.targets.get(target);
  const ids = [...manifests].map(([path, { id }]) => `${path} ${id}`);
  const templates = [
    stableTemplate?.kind,
    older.stable?.id,
    canaryTemplate?.kind,
    canaryTemplate?.aborted.image,
    canaryTemplate?.aborted.template,
    older.canary?.id,
  ];
  const where = JSON.stringify([at?.namespace, at?.manifests, at?.arms]);
  return [service, target, where, weight, testers, mirror, canaryReplicas, ...templates, ...ids].join("\n");
}

function applied({ manifests, older: { canary, stable } }: Sources, change: Change): ReturnType<Readings["changed"]> {
  const files = new Map([...manifests].map(([path, { text }]) => [path, text]));
  const older = { ...(canary && { canary: canary.text }), ...(stable && { stable: stable.text }) };
  const result = applyChange({ files, older }, change);
  return result.kind === "ok" ? { kind: "read", value: result.value } : refused(refusalText(result.error));
}

function readState(path: string, { text }: Blob): ReturnType<Readings["state"]> {
  const result = parseState({ path, text });
  return result.kind === "ok"
    ? { kind: "read", value: result.value }
    : { kind: "refused", problems: result.error.map(problemText) };
}

function refused(problem: string): Extract<Understood<never>, { readonly kind: "refused" }> {
  return { kind: "refused", problems: [problem] };
}
