import { problemText } from "../config/document.ts";
import { bumpedIn } from "../core/manifests.ts";
import { isName, type Name } from "../core/names.ts";
import {
  isSameWish,
  optBranchOf,
  type OptFound,
  type OptSaid,
  type OptWish,
  type OptVerb,
  type SaidVerb,
} from "../core/opting.ts";
import { authorize, type CommandRule } from "../core/permissions.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Service } from "../manifest/services/model.ts";
import { templatesFor, WHY_CHOOSE, type Choice } from "../opt-in/choice.ts";
import type { Comment, Pull } from "../ports/forge.ts";
import { brings } from "./brings.ts";
import { calledIn, neededBy } from "./offers.ts";
import type { OptGround } from "./opt-ground.ts";
import { madeOn } from "./opt-pulls.ts";
import { guarded, likelyFor, reasonText, writtenFor } from "./opt-written.ts";
import type { Refused, Scene, UnmeasuredMember } from "./scene.ts";
import type { Registry } from "./standing.ts";

/** One service that a line is about; `called`: as the inventory finds it. */
export type Meaning = {
  readonly verb: OptVerb;
  readonly called: string;
  /** Undefined where the line does not say it. */
  readonly template: string | undefined;
} & Pick<OptWish, "parameters" | "targets" | "namespace">;

/** What is known of the repository when its people are heard. */
export type OptAudience = {
  readonly members: readonly UnmeasuredMember[];
  readonly refusals: readonly Refused[];
  readonly registry: Registry;
};

/** Who asks for what. */
export type Asker = OptAudience & {
  readonly verb: SaidVerb;
  readonly by: string;
  /** Of all targets where it is absent. */
  readonly targets?: OptWish["targets"];
};

type Asking = OptAudience & {
  readonly meaning: Meaning;
  readonly comment: Pick<Comment, "id" | "at">;
  readonly by: string;
};

/** What a line about one service comes to; undefined where GitHub does not say who asks. */
export async function optFound(scene: Scene, ground: OptGround, asking: Asking): Promise<OptSaid | undefined> {
  const { verb, called } = asking.meaning;
  const of = (found: OptFound): OptSaid => ({ kind: "meant", verb, service: called, found });
  const whose = whoseIn(ground, called);
  if (whose === undefined) return of({ kind: "refused", reasons: [`${called} is no name of Kubernetes'.`] });
  const { name } = whose;
  const no = await denied(scene, { ...asking, verb, targets: asking.meaning.targets }, whose);
  if (no === "unknown") return undefined;
  if (no !== undefined) return of(no);
  const wish = await wishOf(scene, ground, { ...asking, name });
  if (wish.kind === "err") return wish.error.kind === "unclear" ? wish.error : of(wish.error);
  return of(await found(scene, ground, { wish: wish.value, comment: asking.comment }));
}

type Whose = { readonly name: Name; readonly service: Service | undefined };

/** The service that is called so; undefined where it can have no name. */
export function whoseIn({ inventory }: Pick<OptGround, "inventory">, called: string): Whose | undefined {
  const service = inventory.fleet.services.find((one) => calledIn(inventory, one) === called);
  const name = service?.name ?? called.split("@")[0];
  return isName(name) ? { name, service } : undefined;
}

/** Why the asker may not, or what keeps that from being known; nothing is read for whoever may not even write. */
export async function denied(scene: Scene, asking: Asker, whose: Whose): Promise<OptFound | "unknown" | undefined> {
  const nobody = await mayNot(asking, whose, { rules: [], manifests: [] });
  if (nobody !== undefined) return nobody;
  const governed = governedBy(scene, asking, whose);
  if (governed.kind === "err") return { kind: "refused", reasons: governed.error };
  const all = await Promise.all(governed.value.map((rules) => mayNot(asking, whose, rules)));
  return all.find((one) => one !== undefined);
}

type Governing = { readonly rules: readonly CommandRule[]; readonly manifests: readonly string[] };

async function mayNot(
  { registry, by, verb }: Asker,
  { name }: Whose,
  governing: Governing,
): Promise<OptFound | "unknown" | undefined> {
  const human = await registry.humanOf(by, governing);
  if (human === undefined) return "unknown";
  const answer = authorize(human, verb, { service: name, rules: governing.rules });
  return answer.kind === "denied" ? { kind: "denied", why: answer.why } : undefined;
}

/** The rules for each target that it is about, by the configuration of the tracked branch; what that does not tell is no leave. */
function governedBy(
  { config }: Scene,
  { members, refusals, verb, targets }: Asker,
  { name, service }: Whose,
): Result<readonly Governing[], readonly string[]> {
  const unread = refusals.find((one) => one.service === name);
  if (unread !== undefined) return err(unread.problems);
  const own = members.filter(({ state }) => state.service === name);
  if (verb === "opt-out" && own.length > 0)
    return ok(own.map(({ policy: { rules }, at }) => ({ rules, manifests: [bumpedIn(at.manifests)] })));
  const wanted = (service?.targets ?? []).filter((one) => targets?.some((target) => target === one.name) ?? true);
  const policies = wanted.map(({ name: target, reads, workloads }) => {
    const policy = isName(target) ? config.policyFor(target, reads, name) : UNNAMED;
    return { policy, manifests: workloads.map(({ path }) => path) };
  });
  const problems = policies.flatMap(({ policy }) => (policy.kind === "refused" ? policy.problems : []));
  if (problems.length > 0) return err([...new Set(problems)]);
  return ok(
    policies.flatMap(({ policy, manifests }) =>
      policy.kind === "read" ? [{ rules: policy.value.rules, manifests }] : [],
    ),
  );
}

const UNNAMED = { kind: "refused", problems: ["One of its targets has no name of Kubernetes'."] } as const;

type Wishing = Asking & { readonly name: Name };
type Unclear = Extract<OptSaid, { readonly kind: "unclear" }> | Extract<OptFound, { readonly kind: "refused" }>;

/** What is wanted in full: what the line leaves open, its open pull request says, or the only template that fits. */
async function wishOf(scene: Scene, ground: OptGround, wishing: Wishing): Promise<Result<OptWish, Unclear>> {
  const { meaning } = wishing;
  const { verb, parameters } = meaning;
  const whole = (template: string | undefined) => wishFor(wishing, template);
  if (verb === "opt-out") return ok(whole(undefined));
  const before = await openWish(scene, whole(undefined));
  if (meaning.template === undefined && before !== undefined)
    return ok(parameters.length === 0 && flagsOf(meaning).length === 0 ? before : whole(before.template));
  if (meaning.template === undefined) return onlyFitting(scene, ground, wishing);
  const { templates, problems } = ground.library;
  if (templates.has(meaning.template)) return ok(whole(meaning.template));
  const choices = problems.filter(({ path }) => path.includes(`/${meaning.template}/`)).map(problemText);
  return err({ kind: "unclear", verb, why: `there is no template ${meaning.template} that can be used.`, choices });
}

async function onlyFitting(scene: Scene, ground: OptGround, wishing: Wishing): Promise<Result<OptWish, Unclear>> {
  const { meaning, name: service } = wishing;
  const whole = (template: string | undefined) => wishFor(wishing, template);
  const choice = await choiceFor(scene, ground, whole(undefined));
  if (choice.kind === "err") return err({ kind: "refused", reasons: choice.error });
  const [only, second] = choice.value.templates;
  const { kind } = choice.value;
  if (kind === "fitting" && only !== undefined && second === undefined) return ok(whole(only.name));
  const choices = linesFor(meaning, choice.value);
  return err({ kind: "unclear", verb: meaning.verb, why: `which template? ${service}: ${WHY_CHOOSE[kind]}.`, choices });
}

/** What a line says, on a template. */
function wishFor({ meaning, by, name: service }: Wishing, template: string | undefined): OptWish {
  const { verb, called, parameters, targets, namespace } = meaning;
  const flags = { ...(targets !== undefined && { targets }), ...(namespace !== undefined && { namespace }) };
  return { verb, service, called, template, parameters, ...flags, by };
}

/** The lines to choose from, with what each template needs. */
function linesFor(meaning: Meaning, { kind, templates }: Choice): readonly string[] {
  return templates.map((template) => {
    const needs = kind === "fitting" ? [] : neededBy(template).map((need) => `${need}=…`);
    return [`/opt-in ${meaning.called} ${template.name}`, ...needs, ...flagsOf(meaning)].join(" ");
  });
}

/** As a line says them. */
function flagsOf({ targets, namespace }: Pick<OptWish, "targets" | "namespace">): readonly string[] {
  return [
    ...(targets === undefined ? [] : [`--target ${targets.join(",")}`]),
    ...(namespace === undefined ? [] : [`--namespace ${namespace}`]),
  ];
}

async function choiceFor(scene: Scene, ground: OptGround, wish: OptWish): Promise<Result<Choice, readonly string[]>> {
  const asked = {
    service: wish.called,
    targets: wish.targets,
    parameters: new Map(wish.parameters),
    namespace: wish.namespace,
  };
  const { templates } = ground.library;
  return guarded(async () => {
    const choice = await ground.settled(likelyFor(ground, wish), (read) =>
      templatesFor({ ...ground, read, revision: scene.head }, asked, templates.values()),
    );
    return choice.kind === "ok" ? choice : err(choice.error.map(reasonText));
  });
}

/** What the open pull request of ours was made for, where nobody else's commits are on it. */
async function openWish(scene: Scene, wish: OptWish): Promise<OptWish | undefined> {
  const open = ownPull(scene, wish);
  if (open === undefined) return undefined;
  const made = await madeOn(scene, open.headSha);
  return made.kind === "ours" ? made.wish : undefined;
}

function ownPull({ pulls }: Scene, wish: OptWish): Pull | undefined {
  return pulls.find(({ ours, fromFork, branch }) => ours && !fromFork && branch === optBranchOf(wish));
}

type Wanted = { readonly wish: OptWish } & Pick<Asking, "comment">;

async function found(scene: Scene, ground: OptGround, { wish, comment }: Wanted): Promise<OptFound> {
  const branch = optBranchOf(wish);
  const theirs = scene.pulls.find((pull) => !pull.ours && !pull.fromFork && pull.branch === branch);
  if (theirs !== undefined) return { kind: "taken", by: theirs.author, pull: theirs.number };
  const open = ownPull(scene, wish);
  const there = await onBranch(scene, ground, { wish, branch, open });
  if (there !== undefined) return there;
  const closed = open === undefined ? await closedSince(scene, branch, comment.at) : undefined;
  if (closed !== undefined) return { kind: "closed", pull: closed };
  const anew = await writtenFor(scene, ground, wish, scene.head);
  if (anew.kind === "err") return { kind: "refused", reasons: anew.error };
  const before = await openWish(scene, wish);
  const isAnew = before !== undefined && !isSameWish(before, wish);
  const known = scene.eyes.memory.opting.declined.get(branch);
  const declined = known && { why: known.why, isTold: known.told.has(comment.id) };
  return { kind: "due", change: anew.value, anew: isAnew ? open?.number : undefined, declined };
}

type There = Pick<Wanted, "wish"> & { readonly branch: string; readonly open: Pull | undefined };

/** What settles it on the branch that is there: somebody else's work, or all that is wanted. */
async function onBranch(scene: Scene, ground: OptGround, { wish, branch, open }: There): Promise<OptFound | undefined> {
  const tip = open?.headSha ?? scene.refs.get(`refs/heads/${branch}`);
  if (tip === undefined) return undefined;
  const made = await madeOn(scene, tip);
  if (made.kind === "foreign") return { kind: "taken", by: made.by, pull: open?.number };
  if (open === undefined) return undefined;
  const now = await writtenFor(scene, ground, wish, made.on);
  if (now.kind === "err") return { kind: "refused", reasons: now.error };
  const isThere = await brings(scene.eyes.git, { commit: tip, base: scene.head }, now.value.files);
  return isThere ? { kind: "open", pull: open.number } : undefined;
}

/** What this was opened for already, and somebody has closed without a merge. */
async function closedSince(
  { branch: base, eyes: { forge } }: Scene,
  branch: string,
  at: number,
): Promise<number | undefined> {
  const closed = await forge.closedPulls(base, at);
  // Times are whole seconds: whoever closes and asks anew in one second has asked last.
  return closed.find((pull) => pull.branch === branch && pull.at > at)?.number;
}
