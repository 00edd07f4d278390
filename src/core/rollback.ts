import { divergence } from "./divergence.ts";
import { matchesVersion, versionOf } from "./image.ts";
import { blocking, isWaiting } from "./proposal.ts";
import { err, ok, type Result } from "./result.ts";
import type { HeardComment, Member, PastVersion } from "./snapshot.ts";
import { NO_WEIGHT } from "./weight.ts";

/** The earlier version that a finished release may go back to: the newest that is not blocked, or the newest that is named; else why there is none, a clause. */
export function versionMeant(
  member: Member,
  comment: HeardComment,
  to: string | undefined,
): Result<PastVersion, string> {
  const why = notFinished(member, comment);
  if (why !== undefined) return err(why);
  const { template } = member.manifest.stable;
  const past = member.past.filter((version) => version.template !== template);
  const { blocked } = member.state;
  const found = past.find((version) =>
    to === undefined ? blocking(blocked, version) === undefined : matchesVersion(version.image, to),
  );
  return found === undefined ? err(unknownVersion(past, to)) : ok(found);
}

function notFinished(member: Member, { place }: HeardComment): string | undefined {
  if (place.kind === "proposal") return "this pull request has not landed";
  const { release, weight, manifests } = member.at;
  if (release !== undefined)
    return `the release of ${versionOf(release.image)} is not finished: \`/abort\` takes it back`;
  const found = divergence(member);
  if (found !== undefined) return found.what;
  // No commit could give an Argo Rollout's stable another version but by letting it run through its steps.
  if (manifests.layout === "rollout") return "an Argo Rollout goes back as it goes on: bump it to the earlier version";
  return isWaiting(member) || weight !== NO_WEIGHT ? "a release is about to begin: `/abort` ends it" : undefined;
}

const MOST_NAMED = 5;

function unknownVersion(past: readonly PastVersion[], to: string | undefined): string {
  if (past.length === 0) return "git has no earlier version of stable";
  const known = past.slice(0, MOST_NAMED).map(({ image }) => versionOf(image));
  return `stable has not had ${to ?? "another version"}; it has had ${known.join(", ")}`;
}
