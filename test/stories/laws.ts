import { parseAllDocuments } from "yaml";
import type { MeshKind, TestedMeshKind } from "../../src/sandbox/fleet-meshes.ts";
import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import type { Commit } from "../../src/sandbox/github/history.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import type { Story } from "../support/story.ts";
import { checkOn, conclusionOf, leafOf } from "../support/story-reads.ts";
import { BOT, REPO } from "../support/story-world.ts";

/** In one target. */
const MOST_LINES = 20;

/** Where each kind of route has its weights; most have them in lists. */
const WEIGHTS: { readonly [kind in Exclude<RouteKind, MeshKind | TestedMeshKind>]: RegExp } = {
  httpRoute: /^0\.spec\.rules\.\d+\.backendRefs\.\d+\.weight$/,
  istio: /^0\.spec\.http\.\d+\.route\.\d+\.weight$/,
  istioSubsets: /^0\.spec\.http\.\d+\.route\.\d+\.weight$/,
  httpRouteTested: /^0\.spec\.rules\.\d+\.backendRefs\.\d+\.weight$/,
  istioTested: /^0\.spec\.http\.\d+\.route\.\d+\.weight$/,
  httpRouteMirrored: /^0\.spec\.rules\.\d+\.(?:backendRefs\.\d+\.weight|filters\.\d+\.requestMirror\.percent)$/,
  istioMirrored: /^0\.spec\.http\.\d+\.(?:route\.\d+\.weight|mirrorPercentage\.value)$/,
  nginx: /^0\.metadata\.annotations\.nginx\.ingress\.kubernetes\.io\/canary-weight$/,
  knative: /^0\.spec\.traffic\.\d+\.percent$/,
  nginxTested: /^0\.metadata\.annotations\.nginx\.ingress\.kubernetes\.io\/canary-(?:weight|by-header-pattern)$/,
};

/** The same of those that look alike: a weight in lists, the canary's Mapping's, JSON in an annotation. */
const ALIKE =
  /^0\.spec\.(?:(?:[A-Za-z]+|\d+)\.)*weight$|^[01]\.metadata\.annotations\.(?:alb\.ingress\.kubernetes\.io\/actions\.(?:all|testers)|zalando\.org\/backend-weights)$/;

/** What an owned values file of any chart has. */
const VALUES = /^0\.(?:(?:stable\.)?image\.tag|replicaCount|canary\.(?:replicas|weight))$/;

/** What people's files say of the version, where Kustomize or Helm renders it. */
const RENDERED: readonly (readonly [path: RegExp, key: RegExp])[] = [
  [/^apps\/([^/]+)\/base\/deployment\.yaml$/, /^0\.spec\.template\.spec\.containers\.\d+\.image$/],
  [/^apps\/([^/]+)\/[^/]+\/kustomization\.yaml$/, /^0\.images\.\d+\.newTag$/],
  [/^apps\/([^/]+)\/[^/]+\/values\.yaml$/, /^0\.(?:canary\.)?image\.tag$/],
];

/** Where a Canary of Flagger's is. */
const GATED = /^apps\/([^/]+)\/(?:base\/)?canary\.yaml$/;

/** Keys that a commit of Tidegate's may change, by the kind of file; everything else on the branch is somebody else's. */
const OWNED: readonly (readonly [path: RegExp, key: RegExp])[] = [
  [
    /^\.tidegate\/services\/([^/]+)\.yaml$/,
    /^0\.(targets\.[^.]+\.(weight|testers|mirror|stable|rollout\.stableTemplate|release(\..+)?)|(blocked|holds)\.\d+\..+|heard)$/,
  ],
  [/^apps\/([^/]+)(?:\/[^/]+)?\/tidegate\/route\.yaml$/, anyOf([...Object.values(WEIGHTS), ALIKE])],
  // A route of people's whose weights are claimed.
  [/^apps\/([^/]+)\/base\/route\.yaml$/, WEIGHTS.httpRoute],
  [
    /^apps\/([^/]+)(?:\/[^/]+)?\/tidegate\/stable\.yaml$/,
    /^0\.(spec\.template\.spec\.containers\.\d+\.image|data\.image)$/,
  ],
  [/^apps\/([^/]+)\/[^/]+\/tidegate\/canary\.yaml$/, /^0\.spec\.replicas$/],
  [/^apps\/([^/]+)\/[^/]+\/tidegate\/(?:stable-|canary-)?values\.yaml$/, VALUES],
  [/^apps\/([^/]+)(?:\/[^/]+)?\/deployment\.yaml$/, /^0\.spec\.(replicas|template\.spec\.containers\.\d+\.image)$/],
  [
    /^apps\/([^/]+)\/(?:base\/|(?:[^/]+\/)?tidegate\/)?rollout\.yaml$/,
    /^0\.spec\.(strategy\.(canary\.steps\.([01]\.setWeight|2\.pause\.duration)|blueGreen\.autoPromotionEnabled)|template\.spec\.containers\.\d+\.image)$/,
  ],
  // The gates of a Canary of Flagger's.
  [GATED, /^0\.spec\.analysis\.(?:stepWeights(?:\.\d+)?|webhooks\.\d+\.(?:name|type|url|muteAlert))$/],
  ...RENDERED,
];

/** What a bump may change, and Tidegate gives back. */
const BUMP: readonly (readonly [path: RegExp, key: RegExp])[] = [
  [/^apps\/([^/]+)(?:\/[^/]+)?\/(?:deployment|rollout)\.yaml$/, /^0\.spec\.template\.spec\.containers\.\d+\.image$/],
  ...RENDERED,
];

/** A line of a manifest that may differ, and only in its value: what stands before and after it is kept. */
const SCALAR_LINE =
  /^(\s*(?:- )?(?:(?:image|newTag|tag|replicas|replicaCount|weight|setWeight|pause|autoPromotionEnabled|percent|value): |nginx\.ingress\.kubernetes\.io\/canary-(?:weight|by-header-pattern): "|alb\.ingress\.kubernetes\.io\/actions\.(?:all|testers): '|zalando\.org\/backend-weights: ['"]))(?:\{.*\}|"[^"]+"|[^\s"]+)(.*)$/;

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"));
}

/**
 * Every path and key that a commit on the default branch changed without being entitled to, and every commit of Tidegate's that is longer than
 * a person can read. Read with a YAML parser of its own; commits that the story itself made by hand are left out.
 */
export async function trespasses(story: Story): Promise<readonly string[]> {
  const commits = await story.github.log(REPO, "HEAD");
  const ours = new Set(
    story.github
      .pulls(REPO)
      .flatMap(({ author, state }) =>
        author.login === BOT && state.kind === "merged" ? [...state.landed, state.sha] : [],
      ),
  );
  const judged = commits.filter(({ sha, parents }) => parents.length > 0 && !story.byHand.has(sha));
  return (await Promise.all(judged.map((commit) => faultsOf(story, commit, ours.has(commit.sha))))).flat();
}

async function faultsOf(story: Story, commit: Commit, isOurs: boolean): Promise<readonly string[]> {
  const { sha, parents, files, message } = commit;
  const name = `${sha.slice(0, 7)} ${message.split("\n")[0]}`;
  const entitled = isOurs ? OWNED : BUMP;
  const lines = new Map<string, number>();
  const faults: string[] = [];
  for (const { path } of files) {
    const rule = entitled.find(([pattern]) => pattern.test(path));
    const [before, after] = await Promise.all([story.file(path, parents[0] ?? sha), story.file(path, sha)]);
    // A state file may bear another name than the folder of the manifests that it speaks of.
    const service = /canary: apps\/([^/]+)\//.exec(after)?.[1] ?? rule?.[0].exec(path)?.[1];
    if (rule === undefined || service === undefined) {
      faults.push(`${name}: ${path}`);
      continue;
    }
    faults.push(
      ...changedKeys(before, after)
        .filter((key) => !rule[1].test(key))
        .map((key) => `${name}: ${path}: ${key}`),
    );
    const { added, removed } = changedLines(before, after);
    if (path.startsWith("apps/"))
      faults.push(
        ...strangeLines(besideGates(path, before), besideGates(path, after)).map(
          (line) => `${name}: ${path}: "${line}"`,
        ),
      );
    lines.set(service, (lines.get(service) ?? 0) + Math.max(added.length, removed.length));
  }
  if (isOurs && lines.size !== 1) faults.push(`${name}: ${lines.size} services`);
  const places = new Set(files.flatMap(({ path }) => /^apps\/(.+?)(?:\/tidegate)?\/[^/]+$/.exec(path)?.[1] ?? [])).size;
  for (const [service, count] of lines)
    if (count > MOST_LINES * Math.max(1, places)) faults.push(`${name}: ${count} lines of ${service}`);
  return faults;
}

function changedKeys(before: string, after: string): readonly string[] {
  const [old, now] = [before, after].map((text) =>
    leaves(parseAllDocuments(text).map((document) => document.toJS() as unknown)),
  );
  const keys = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...keys].filter((key) => old?.get(key) !== now?.get(key));
}

function leaves(value: unknown, at: readonly string[] = []): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map([[at.join("."), value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, [...at, key])]));
}

/** The text without what moves as whole lines: the hooks of a Canary, and its list of weights. */
function besideGates(path: string, text: string): string {
  if (!GATED.test(path)) return text;
  return text.replaceAll(/^ *- \{ name: tidegate-.*\}\n/gm, "").replace(/(stepWeights: )\[[\d, ]*\]/, "$1[]");
}

/** Lines that differ in more than a scalar's value, byte for byte. */
function strangeLines(before: string, after: string): readonly string[] {
  const old = before.split("\n");
  const now = after.split("\n");
  const frame = (line: string | undefined) =>
    SCALAR_LINE.exec(line ?? "")
      ?.slice(1)
      .join("…");
  const differs = (line: string, at: number) =>
    line !== old[at] && (frame(line) === undefined || frame(line) !== frame(old[at]));
  return old.length === now.length ? now.filter(differs) : ["another number of lines"];
}

/** Lines that a text has more often than the other. */
function changedLines(
  before: string,
  after: string,
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const surplus = new Map<string, number>();
  for (const line of after.split("\n")) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of before.split("\n")) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  const repeated = (sign: number) =>
    [...surplus].flatMap(([line, times]) => Array.from({ length: Math.max(0, sign * times) }, () => line));
  return { added: repeated(1), removed: repeated(-1) };
}

/** Steps that Tidegate merged without a green gate on the head that merged; ways back are none, and people may merge what they want. */
export function ungated(story: Story): readonly string[] {
  const isStep = ({ state, ...pull }: Pull) =>
    state.kind === "merged" && state.by.login === BOT && /^\d/.test(leafOf({ ...pull, state }));
  return story.github
    .pulls(REPO)
    .filter(isStep)
    .filter((pull) => {
      const gate = checkOn(story, pull, "tidegate/gate");
      return gate === undefined || conclusionOf(gate) !== "success";
    })
    .map(({ number, title }) => `#${number} ${title}`);
}
