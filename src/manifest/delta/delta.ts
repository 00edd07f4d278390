import { compareFiles } from "../images/compare.ts";
import type { Texts } from "../images/couple.ts";
import type { Surroundings } from "../images/site.ts";
import type { Fleet } from "../services/model.ts";
import { byText } from "../services/paths.ts";
import { attribute } from "./attribute.ts";
import { pairMembers, type MemberAt } from "./members.ts";
import type { Besides, Delta, LooseBump, MemberBump } from "./model.ts";
import type { Paired } from "./paired.ts";

/** One side of a change: what the repository delivers there, the texts of the files that differ, and the other files. */
export type Side = { readonly fleet: Fleet; readonly texts: Texts; readonly around: Surroundings };

/** Both sides; `unseen`: what changed and no text shows. */
export type Sides = { readonly before: Side; readonly after: Side; readonly unseen: readonly Besides[] };

/** What lies between two commits. The order of files tells nothing; what comes out is sorted. */
export function deltaBetween({ before, after, unseen }: Sides): Delta {
  const around = { before: before.around, after: after.around };
  const files = compareFiles(sorted(before.texts), sorted(after.texts), around);
  const members = pairMembers(before.fleet, after.fleet);
  const { bumps, loose } = attribute(files.bumps, members);
  const inFiles: readonly Besides[] = [...files.others, ...unseen];
  // Where every file differs in its images alone, services are what they were, whatever they are called.
  const besides = inFiles.length === 0 ? [] : [...inFiles, ...comings(members)];
  return {
    kind: bumps.length + loose.length === 0 ? "none" : besides.length === 0 ? "bump" : "mixed",
    bumps: bumps.toSorted(byMember),
    loose: loose.toSorted(byPlace),
    besides: besides.toSorted(byPlace),
  };
}

function sorted(texts: Texts): Texts {
  return new Map([...texts].toSorted(([a], [b]) => byText(a, b)));
}

function comings({ removed, added }: Paired<MemberAt>): readonly Besides[] {
  return [
    ...removed.map((one) => ({ ...comingOf(one), kind: "removed-service" as const })),
    ...added.map((one) => ({ ...comingOf(one), kind: "new-service" as const })),
  ];
}

function comingOf({ member: { service, target }, at: { workloads, why, reads } }: MemberAt): Omit<Besides, "kind"> {
  const [{ path, line } = { path: why.files[0] ?? reads[0] ?? "", line: 1 }] = workloads;
  return { path, line, what: `${service} in ${target}` };
}

type Placed = LooseBump | Besides;

function byPlace(a: Placed, b: Placed): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return byText(one.path, other.path) || one.line - other.line || byText(JSON.stringify(a), JSON.stringify(b));
}

function placeOf(one: Placed): Besides | LooseBump["set"] {
  return "set" in one ? one.set : one;
}

function byMember(a: MemberBump, b: MemberBump): number {
  return (
    byText(a.service, b.service) ||
    byText(a.home, b.home) ||
    byText(a.target, b.target) ||
    byText(JSON.stringify(a), JSON.stringify(b))
  );
}
