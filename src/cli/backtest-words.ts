import type { Given } from "./command-line.ts";
import { instantOf } from "../config/instant.ts";
import type { Excluded } from "../core/gate/calibration.ts";
import { isName, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";

/** What a back-test is asked for. */
export type Asked = {
  /** A folder, or the owner/name of a repository. */
  readonly place: string;
  readonly at: string | undefined;
  /** A checkout of the repository that the configuration extends. */
  readonly extended: string | undefined;
  readonly service: Name;
  readonly target: Name | undefined;
  readonly days: number;
  readonly excluded: readonly Excluded[];
  readonly releasesPerMonth: number | undefined;
  readonly podLabel: string;
  readonly seed: number;
  readonly isJson: boolean;
};

/** What the words of a command line ask for, or in one sentence what is wrong with them. */
export function asked({ words, values, switches }: Given): Result<Asked, string> {
  const member = memberIn(words);
  if (member.kind === "err") return member;
  const numbers = numbersIn(values);
  if (numbers.kind === "err") return numbers;
  const excluded = excludedIn(values.get("exclude"));
  if (excluded.kind === "err") return excluded;
  const podLabel = values.get("pod-label") ?? "pod";
  const said = { at: values.get("at"), extended: values.get("extends"), podLabel, isJson: switches.has("json") };
  return ok({ ...member.value, ...numbers.value, ...said, excluded: excluded.value });
}

function memberIn([first, second]: readonly string[]): Result<Pick<Asked, "place" | "service" | "target">, string> {
  const wanted = second ?? first;
  if (wanted === undefined) return err("Which service is not said.");
  const [service = "", target, ...rest] = wanted.split("/");
  if (!isName(service) || rest.length > 0) return err(`${wanted} is not the name of a service, or service/target.`);
  if (target !== undefined && !isName(target)) return err(`${target} is not the name of a target.`);
  return ok({ place: second === undefined ? "." : (first ?? "."), service, target });
}

function numbersIn(values: Given["values"]): Result<Pick<Asked, "days" | "releasesPerMonth" | "seed">, string> {
  const days = within(values.get("days") ?? "8", 1, 30);
  if (days === undefined) return err("--days takes a number from 1 to 30.");
  const perMonth = values.get("releases-per-month");
  const releasesPerMonth = perMonth === undefined ? undefined : within(perMonth, 0.1, 100_000);
  if (perMonth !== undefined && releasesPerMonth === undefined)
    return err("--releases-per-month takes a number from 0.1 to 100000.");
  const seed = within(values.get("seed") ?? "1", 0, 2 ** 31);
  if (seed === undefined || !Number.isInteger(seed)) return err("--seed takes a whole number from 0 on.");
  return ok({ days, releasesPerMonth, seed });
}

function within(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,10}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function excludedIn(text: string | undefined): Result<readonly Excluded[], string> {
  const found: Excluded[] = [];
  for (const part of text?.split(",") ?? []) {
    const [from, to, ...rest] = part.split("/").map(instantIn);
    if (from === undefined || to === undefined || rest.length > 0 || from >= to)
      return err(`${part} is no time to leave out: write FROM/TO, such as 2026-11-18T09:00Z/2026-11-18T10:30Z.`);
    found.push({ from, to });
  }
  return ok(found);
}

/** Seconds may be left out. */
function instantIn(text: string): number | undefined {
  return instantOf(/^[^T]*T\d{2}:\d{2}Z$/.test(text) ? text.replace("Z", ":00Z") : text);
}
