import type { Wave } from "../core/plan.ts";
import type { Member } from "../core/snapshot.ts";
import type { Earlier } from "../core/waves.ts";

/** "wave 2/3"; undefined where all targets are in one. */
export function waveName({ index, of }: Wave): string | undefined {
  return of === 1 ? undefined : `wave ${index + 1}/${of}`;
}

/** The target with its wave before it, where there are several: "wave 2/3 prod-eu". */
export function placeOf({ target, policy }: Pick<Member, "target" | "policy">): string {
  return [waveName(policy.wave), target].filter((part) => part !== undefined).join(" ");
}

/** Where members of one wave are, as one place: "wave 2/3 prod-*" where it is the whole wave, else their targets. */
export function placesOf([first, ...others]: readonly Pick<Member, "target" | "policy" | "fellows">[]): string {
  if (first === undefined) return "";
  if (others.length === 0) return placeOf(first);
  const { wave } = first.policy;
  const isWhole = wave.of > 1 && others.length === first.fellows.length;
  const targets = [first, ...others].map(({ target }) => target);
  return [waveName(wave), isWhole ? wave.targets.join(", ") : named(targets)]
    .filter((part) => part !== undefined)
    .join(" ");
}

const MOST_NAMED = 4;

/** Members of earlier waves that have something still to do, as a clause: "staging (wave 1/3, at 25%) and …". */
export function earlierText(behind: readonly Earlier[]): string {
  const names = behind.map((one) => `${one.target} (${[waveName(one.wave), doingText(one)].join(", ")})`);
  return named(names);
}

/** Names in a sentence, at most so many: "a, b and 3 more". */
export function named(names: readonly string[], most = MOST_NAMED): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

function doingText({ doing, weight }: Earlier): string {
  if (doing === "waits") return "not begun";
  return doing === "underWay" ? `at ${weight}%` : "being taken back";
}
