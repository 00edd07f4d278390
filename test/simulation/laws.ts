import type { ModelGit } from "./git.ts";
import { pathsThatDiffer } from "./git.ts";
import { manifestsOf, type Asked } from "./manifests.ts";
import { tagOf, type Scenario, type Story } from "./run.ts";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { Merge } from "./forge.ts";

/** What a law found broken, in words. */
export type Breach = { readonly law: Law; readonly what: string };

export type Law = "evidence" | "oneChange" | "ownedOnly" | "stateAgrees" | "containment" | "ends";

/** Holds the finished story against the laws, by the world's own records, never by what the bot says of itself. */
export function breachesOf(scenario: Scenario, story: Story): readonly Breach[] {
  const merges = story.forge.merges.filter(({ ours }) => ours);
  return [
    ...merges.flatMap((merge) => ownedOnly(scenario, story, merge)),
    ...merges.flatMap((merge) =>
      scenario.services.flatMap((service) => breachesOfMerge(scenario, story, { merge, service })),
    ),
    ...containment(scenario, story),
    ...ending(scenario, story),
  ];
}

type Moment = { readonly merge: Merge; readonly service: string };
type Moved = { readonly before: Asked; readonly after: Asked };

function breachesOfMerge(scenario: Scenario, story: Story, moment: Moment): readonly Breach[] {
  const { merge, service } = moment;
  const { git } = story;
  const before = git.filesAt(merge.before);
  const after = git.filesAt(merge.after);
  const paths = pathsThatDiffer(before, after);
  if (!Object.values(pathsOf(service)).some((path) => paths.includes(path))) return [];
  const moved = { before: manifestsOf(before, service), after: manifestsOf(after, service) };
  return [
    ...agreement(git, moment, moved),
    ...evidence(scenario, story, moment, moved),
    ...oneChange(story, moment, moved),
  ];
}

/** A commit of ours is about one service: what Tidegate owns of it, its state, and the bump's own file. */
function ownedOnly({ services }: Scenario, { git }: Story, { branch, before, after }: Merge): readonly Breach[] {
  const paths = pathsThatDiffer(git.filesAt(before), git.filesAt(after));
  const isOfOne = services.some((service) => paths.every((path) => Object.values(pathsOf(service)).includes(path)));
  return isOfOne ? [] : [{ law: "ownedOnly", what: `${branch} changes ${paths.join(", ")}` }];
}

/** State and manifests change in the same commit and cannot disagree. */
function agreement(git: ModelGit, { merge, service }: Moment, { after }: Moved): readonly Breach[] {
  const state = git.filesAt(merge.after).get(pathsOf(service).state) ?? "";
  const weight = Number(/^ {4}weight: (\d+)$/m.exec(state)?.[1]);
  return weight === after.weight
    ? []
    : [{ law: "stateAgrees", what: `${merge.branch}: route ${after.weight}, state ${weight}` }];
}

/** A weight rises only on a green gate of the head that merged, on a version whose errors are not ten times the usual, or on a recorded override. */
function evidence(
  scenario: Scenario,
  { git }: Story,
  { merge, service }: Moment,
  { before, after }: Moved,
): readonly Breach[] {
  const rises = after.weight > before.weight;
  const promotes =
    after.stable.image !== before.stable.image &&
    after.stable.image === after.canary.image &&
    !merge.branch.endsWith("/abort");
  if (!rises && !promotes) return [];
  const what = `${merge.branch} (${before.weight} → ${after.weight})`;
  if (merge.gate?.conclusion !== "success")
    return [{ law: "evidence", what: `${what} merged with the gate ${merge.gate?.conclusion ?? "absent"}` }];
  const isOverridden = /override:/.test(git.filesAt(merge.after).get(pathsOf(service).state) ?? "");
  // Where somebody was quicker by a moment, the head speaks of another version than the base; containment has to follow.
  const isRaced = manifestsOf(git.filesAt(merge.head), service).canary.image !== before.canary.image;
  if (isOverridden || before.weight === 0 || isRaced) return [];
  return scenario.bad.has(tagOf(before.canary.image))
    ? [{ law: "evidence", what: `${what} although ${before.canary.image} fails` }]
    : [];
}

/** Nothing further is committed before the last change is what runs; an abort alone may overtake. */
function oneChange({ cluster, git }: Story, { merge, service }: Moment, { before }: Moved): readonly Breach[] {
  if (merge.branch.endsWith("/abort")) return [];
  const running = cluster.runningAt(service, merge.at);
  const last = lastOurs(git, merge, service);
  const asked = last === undefined ? before : manifestsOf(git.filesAt(last), service);
  // A weight under which another version has come falls at once, on a way back too.
  if (lowers(merge) && asked.canary.image !== before.canary.image) return [];
  if (
    running !== undefined &&
    running.weight === asked.weight &&
    running.canary.replicas === asked.canary.replicas &&
    running.stable.image === asked.stable.image
  )
    return [];
  return [
    {
      law: "oneChange",
      what: `${merge.branch} merged while the cluster ran ${JSON.stringify(running)}, asked was ${JSON.stringify(asked)}`,
    },
  ];
}

/** The newest commit before a merge that changed the service's state. */
function lastOurs(git: ModelGit, merge: Merge, service: string) {
  const { state } = pathsOf(service);
  return git
    .firstParents(merge.before)
    .find(({ files, parents: [parent] }) => parent !== undefined && files.get(state) !== git.filesAt(parent).get(state))
    ?.sha;
}

/** A version that the gates never judged is contained at the next look: apart from a merge in the same moment, the next commit of ours for that service is an abort. */
function containment(scenario: Scenario, { git, forge }: Story): readonly Breach[] {
  const ours = new Map(forge.merges.filter((merge) => merge.ours).map((merge) => [merge.after, merge]));
  const main = git.refs.get("refs/heads/main");
  const line = main === undefined ? [] : git.firstParents(main).toReversed();
  return scenario.services.flatMap((service) => {
    const breaches: Breach[] = [];
    let exposed: { readonly image: string; readonly at: number } | undefined;
    for (const commit of line) {
      const [parent] = commit.parents;
      if (parent === undefined) continue;
      const now = manifestsOf(commit.files, service);
      const before = manifestsOf(git.filesAt(parent), service);
      const merge = ours.get(commit.sha);
      const { state } = pathsOf(service);
      if (
        merge !== undefined &&
        exposed !== undefined &&
        exposed.at < merge.at &&
        commit.files.get(state) !== git.filesAt(parent).get(state) &&
        !lowers(merge)
      ) {
        breaches.push({ law: "containment", what: `${merge.branch} follows on ${exposed.image}` });
      }
      if (merge !== undefined && lowers(merge)) exposed = undefined;
      const text = commit.files.get(state) ?? "";
      const isUnderWay = text.includes("release:") && (now.weight > 0 || !text.includes("aborting:"));
      if (merge === undefined && now.canary.image !== before.canary.image && isUnderWay)
        exposed = { image: now.canary.image, at: commit.at };
    }
    return breaches;
  });
}

function lowers({ branch }: Merge): boolean {
  return /\/(?:abort|lower)$/.test(branch);
}

function ending(scenario: Scenario, { git, quiet, forge }: Story): readonly Breach[] {
  const main = git.refs.get("refs/heads/main");
  if (!quiet || main === undefined) return [{ law: "ends", what: "the story does not end" }];
  const unfinished = scenario.services.flatMap((service): Breach[] => {
    const { weight, canary, stable } = manifestsOf(git.filesAt(main), service);
    const isAtRest = weight === 0 && canary.replicas === 0 && canary.image === stable.image;
    return isAtRest
      ? []
      : [
          {
            law: "ends",
            what: `${service} ends at ${weight}% with canary ${canary.image} × ${canary.replicas} and stable ${stable.image}`,
          },
        ];
  });
  const litter = [...git.refs.keys()].filter((ref) => ref.startsWith("refs/heads/tidegate/"));
  const open = forge.pulls().filter(({ ours, state }) => ours && state === "open");
  return [
    ...unfinished,
    ...open.map(({ branch }): Breach => ({ law: "ends", what: `${branch} is still open` })),
    ...litter.map((ref): Breach => ({ law: "ends", what: `${ref} was left behind` })),
  ];
}
