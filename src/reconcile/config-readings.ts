import { problemText, type Problem } from "../config/document.ts";
import { extendsOf, parseByItself, parseHeld, type Extended } from "../config/extended.ts";
import { resolve, type Settings } from "../config/resolve.ts";
import { parseShared, SHARED_PATH, type Shared } from "../config/shared-config.ts";
import type { Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Blob } from "../ports/git.ts";
import type { Base, BaseOf } from "../ports/shared.ts";
import { gateProvider } from "./gate-provider.ts";
import { once } from "./once.ts";
import { settingsOf, type Operator } from "./providers.ts";
import { CONFIG_PATH, type ConfigReading, type Readings, type Understood } from "./readings.ts";

const NO_CONFIG = `${CONFIG_PATH}: there is no such file on the tracked branch; begin with "version: 1" and where metrics are read from`;

/** Nothing that configurations extend can be read. */
export const NOTHING_SHARED: BaseOf = async (named) =>
  named === undefined ? { kind: "none" } : { kind: "unread", repo: named, why: "is not read here" };

/** Reads configurations, each once with each version of what it extends. */
export function configReadings(
  operator: Operator,
  baseOf: BaseOf,
): Pick<Readings, "baseOf" | "config" | "extended" | "configByItself"> {
  const configs = new Map<string, ConfigReading>();
  const extended = new Map<string, string>();
  return {
    baseOf,
    config: (blob, base) =>
      blob === undefined
        ? nothingFor([NO_CONFIG])
        : once(configs, `${blob.id} ${idOf(base)}`, () => {
            const held = heldAt(blob, base);
            if (held.kind === "ok") return meant(held.value, operator);
            return { ...nothingFor(held.error), isBaseUnread: base.kind === "unread" };
          }),
    extended: (blob) => {
      if (blob === undefined) return undefined;
      const named = once(extended, blob.id, () => extendsOf({ path: CONFIG_PATH, text: blob.text }) ?? "");
      return named === "" ? undefined : named;
    },
    configByItself: (blob) =>
      blob === undefined
        ? nothingFor([NO_CONFIG])
        : once(configs, `${blob.id} by itself`, () => {
            const written = parseByItself({ path: CONFIG_PATH, text: blob.text });
            return written.kind === "err"
              ? notUnderstood(written.error)
              : withoutPulls(meant({ written: written.value, loosened: [] }, operator));
          }),
  };
}

/** A configuration laid over its base. `loosened`: what of it does not go, in words. */
export type HeldConfig = { readonly written: Extended; readonly loosened: readonly string[] };

/** The configuration of a file as it goes, or why none does. */
export function heldAt({ text }: Blob, base: Base): Result<HeldConfig, readonly string[]> {
  if (base.kind === "unread") return err([unextended(base)]);
  const newest = base.kind === "none" ? ok({ shared: undefined, amiss: [] }) : newestOf(base);
  if (newest.kind === "err") return newest;
  const { shared, amiss } = newest.value;
  const held = parseHeld({ path: CONFIG_PATH, text }, shared);
  if (held.kind === "err") return err(held.error.map(problemText));
  const { written, loosened } = held.value;
  return ok({ written, loosened: [...loosened.map(problemText), ...amiss] });
}

/** What is said where the base cannot be read. */
export function unextended({ repo, why }: Extract<Base, { readonly kind: "unread" }>): string {
  return `${CONFIG_PATH}: it extends ${repo}, which ${why}`;
}

type Found = Extract<Base, { readonly kind: "read" }>;

function idOf(base: Base): string {
  switch (base.kind) {
    case "none":
      return "";
    case "unread":
      return unextended(base);
    case "read":
      return [base.repo, base.now?.id ?? "", ...base.before.map(({ id }) => id)].join(" ");
    default:
      return unreachable(base);
  }
}

/** `amiss`: why it is not the version that stands there now. */
type Newest = { readonly shared: Shared; readonly amiss: readonly string[] };

/** The newest version that can be read goes: who breaks the file, or takes it away, neither frees the others nor stops them. */
function newestOf({ repo, now, before }: Found): Result<Newest, readonly string[]> {
  const present = now === undefined ? err([ABSENT(repo)]) : textually(parseShared(repo, now.text));
  if (present.kind === "ok") return ok({ shared: present.value, amiss: [] });
  for (const { text } of before) {
    const older = parseShared(repo, text);
    if (older.kind === "ok") return ok({ shared: older.value, amiss: present.error.map((why) => `${why} ${OLDER}`) });
  }
  return present;
}

const OLDER = "Its last version that can be read goes.";
const ABSENT = (repo: string): string => `${repo}: ${SHARED_PATH}: there is no such file on its default branch.`;

function textually<T>(result: Result<T, readonly Problem[]>): Result<T, readonly string[]> {
  return result.kind === "ok" ? result : err(result.error.map(problemText));
}

function meant({ written, loosened }: HeldConfig, operator: Operator): ConfigReading {
  const settings = resolve(written, operator);
  return settings.kind === "err" ? notUnderstood(settings.error) : meaning(settings.value, loosened, operator);
}

/** What takes releases back must not wait for another repository; what is asked of pull requests can. */
function withoutPulls({ pulls: _, ...reading }: ConfigReading): ConfigReading {
  return reading;
}

function notUnderstood(problems: readonly Problem[]): ConfigReading {
  return nothingFor(problems.map(problemText));
}

/** A configuration that cannot be read says nothing for any target: nothing moves by guesses. */
function nothingFor(problems: readonly string[]): ConfigReading {
  const refusal = { kind: "refused", problems } as const;
  return {
    problems,
    policyFor: () => refusal,
    metricsFor: () => refusal,
    gateProvider: () => refusal,
  };
}

function meaning(settings: Settings, loosened: readonly string[], operator: Operator): ConfigReading {
  const { policyFor, metricsFor } = settings;
  return {
    problems: [],
    loosened,
    policyFor: (target, paths, service) => understood(policyFor(target, paths, service)),
    metricsFor: (target: Name) => {
      const provider = metricsFor(target);
      return provider.kind === "ok" ? settingsOf(provider.value, operator) : understood(provider);
    },
    gateProvider: (wanted) => gateProvider(settings, operator, wanted),
    pulls: settings.pulls,
  };
}

function understood<T>(result: Result<T, string>): Understood<T> {
  return result.kind === "ok"
    ? { kind: "read", value: result.value }
    : { kind: "refused", problems: [`${CONFIG_PATH}: ${result.error}`] };
}
