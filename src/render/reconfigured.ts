import { stepNames, type Policy } from "../core/plan.ts";
import type { Elsewhere, Reconfigured } from "../core/snapshot.ts";
import { code, escaped, list, table } from "./markdown.ts";
import { count, duration } from "./numbers.ts";
import { nameOf } from "./obstacle.ts";
import { waveName } from "./wave.ts";

/** What merging a configuration that can be used changes, for a title: plain text. */
export function reconfiguredTitle({ replanned, asked, elsewhere }: Reconfigured): string {
  if (elsewhere !== undefined) return elsewhereTitle(elsewhere);
  const otherwise = count(replanned.length, "member");
  if (replanned.length === 0 && asked !== undefined)
    return "This configuration can be used: it asks something else of pull requests once it is merged";
  return replanned.length === 0
    ? "This configuration can be used, and changes nothing for what is there"
    : `This configuration can be used: releases of ${otherwise} go otherwise once it is merged`;
}

const MOST_ROWS = 8;

function elsewhereTitle(elsewhere: readonly Elsewhere[]): string {
  const members = elsewhere.reduce((sum, { otherwise }) => sum + otherwise.length, 0);
  if (members === 0 && elsewhere.some(({ asked }) => asked !== undefined))
    return "What other repositories extend is understood: it asks something else of their pull requests once it is merged";
  return members === 0
    ? "What other repositories extend is understood, and changes nothing for those that are known"
    : `What other repositories extend is understood: releases of ${count(members, "member")} in ${elsewhere.length === 1 ? "1 repository" : `${elsewhere.length} repositories`} go otherwise once it is merged`;
}

const MOST_REPOSITORIES = 20;
const MOST_NAMES = 5;

/** What becomes of repositories that extend this one, as a table; nothing where nothing does. */
function elsewhereText(elsewhere: readonly Elsewhere[] = []): readonly string[] {
  if (elsewhere.length === 0) return [];
  const rows = elsewhere.slice(0, MOST_REPOSITORIES).map(({ repo, otherwise, asked = [], problems, loosened }) => {
    const rest = otherwise.length - MOST_NAMES;
    const members = [...otherwise.slice(0, MOST_NAMES), ...(rest > 0 ? [`and ${rest} more`] : [])];
    const pulls = asked.length === 0 ? [] : [`pull requests: ${escaped(asked.join("; "))}`];
    const names = [...members, ...pulls].join(", ");
    const [first] = [...problems, ...loosened];
    return [repo, names, first === undefined ? "" : escaped(first, 300)];
  });
  return [
    "Until this is merged, all goes by what stands on the default branch. Then, in the repositories that extend it and that this process has looked at:",
    table(["repository", "goes otherwise", "does not go any more"], rows),
  ];
}

/** Whose releases go otherwise, and how, as tables; nothing where none does. */
export function reconfiguredText({ asked, ...reconfigured }: Reconfigured): readonly string[] {
  return [...(asked === undefined ? [] : [askedText(asked)]), ...replannedText(reconfigured)];
}

const MOST_ASKED = 20;

function askedText({ now, next }: NonNullable<Reconfigured["asked"]>): string {
  const gone = now.filter((one) => !next.includes(one)).map((one) => `now ${escaped(one)}`);
  const added = next.filter((one) => !now.includes(one)).map((one) => `then ${escaped(one)}`);
  return `What ${code("tidegate/policy")} asks of pull requests:\n\n${list([...gone, ...added], MOST_ASKED)}`;
}

function replannedText({ replanned, elsewhere }: Reconfigured): readonly string[] {
  if (replanned.length === 0) return elsewhereText(elsewhere);
  const shown = replanned.length > MOST_ROWS ? replanned.slice(0, MOST_ROWS - 1) : replanned;
  const rows = shown.map(({ member, policy }) => {
    const [now, then] = [member.policy, policy].map(goesBy);
    return [nameOf(member), now ?? "", then === now ? "the same, with other settings" : (then ?? "")];
  });
  const rest = replanned.length - shown.length;
  const more = rest === 0 ? [] : [[`and ${rest} more`, "", ""]];
  return [
    `Until this is merged, all goes by the configuration of the tracked branch. Then:`,
    table(["member", "now", "then"], [...rows, ...more]),
    ...elsewhereText(elsewhere),
  ];
}

function goesBy(policy: Policy): string {
  const { wave, bakeMs, evidence } = policy;
  const steps = stepNames(policy).join(" → ");
  const parts = [waveName(wave), steps, `${duration(bakeMs)} each`, code(`evidence: ${evidence}`)];
  return parts.filter((part) => part !== undefined).join(", ");
}
