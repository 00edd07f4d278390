import type { BumpPull } from "../core/snapshot.ts";
import type { Sha } from "../core/names.ts";
import type { Offer, Offered, OfferedTemplate } from "../core/opting.ts";
import { err, ok, type Result } from "../core/result.ts";
import { runnersOf } from "../manifest/delta/attribute.ts";
import { membersOf, type MemberAt } from "../manifest/delta/members.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import type { Service } from "../manifest/services/model.ts";
import { templatesFor } from "../opt-in/choice.ts";
import { optIn } from "../opt-in/opt-in.ts";
import type { Ground, Refused, Wish } from "../opt-in/model.ts";
import type { Template } from "../template/model.ts";
import type { Pull } from "../ports/forge.ts";
import { compareSome, versionsOf } from "./compared.ts";
import { keep } from "./memory.ts";
import { Unforeseen, type OptGround } from "./opt-ground.ts";
import { reasonText } from "./opt-written.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** Services without a template that an open pull request of others bumps, with the targets where it does. */
export type Unopted = {
  readonly number: number;
  readonly headSha: Sha;
  readonly services: readonly { readonly service: Service; readonly targets: readonly string[] }[];
};

type Known = {
  readonly members: readonly Pick<UnmeasuredMember, "state" | "target">[];
  readonly unread: ReadonlySet<string>;
};

/** Anybody may propose anything: so many files are compared of one pull request. */
const MOST_FILES = 100;

/** `unread`: services whose state cannot be read. */
export async function unoptedIn(
  scene: Scene,
  inventory: Pick<Inventory, "fleet">,
  known: Known,
): Promise<readonly Unopted[]> {
  const without = membersOf(inventory.fleet).filter((member) => !isSteered(member, known));
  const saying = new Set(without.flatMap(({ at }) => at.images.map(({ set }) => set.path)));
  const found: (Unopted | undefined)[] = [];
  for (const pull of scene.pulls) {
    // oxlint-disable-next-line no-await-in-loop -- what all of them change may be more than can be held at a time
    if (!pull.ours) found.push(await unoptedBy(scene, pull, { saying, without, fleet: inventory.fleet }));
  }
  return found.flatMap((one) => one ?? []);
}

function isSteered({ member: { service, target } }: MemberAt, { members, unread }: Known): boolean {
  return unread.has(service) || members.some((one) => one.state.service === service && one.target === target);
}

type Without = Pick<Inventory, "fleet"> & {
  readonly without: readonly MemberAt[];
  /** The files that say what those run. */
  readonly saying: ReadonlySet<string>;
};

async function unoptedBy(
  { head, eyes: { git, memory } }: Scene,
  { number, headSha }: Pull,
  { saying, without, fleet }: Without,
): Promise<Unopted | undefined> {
  const paths = (await git.changed(head, headSha)).filter((path) => saying.has(path)).slice(0, MOST_FILES);
  if (paths.length === 0) return undefined;
  const from = await git.fork(head, headSha);
  const key = [from, headSha, ...paths].join("\n");
  const known = memory.opting.bumps.get(key);
  const bumps =
    known ?? compareSome(paths, await versionsOf(git, [from, headSha], paths), undefined)?.files.bumps ?? [];
  keep(memory.opting.bumps, key, bumps);
  const run = new Set(bumps.flatMap((bump) => runnersOf(bump, without)));
  const services = fleet.services.flatMap((service) => {
    const targets = service.targets.filter((at) => [...run].some((one) => one.at === at)).map(({ name }) => name);
    return targets.length === 0 ? [] : [{ service, targets }];
  });
  return services.length === 0 ? undefined : { number, headSha, services };
}

/** How `/opt-in` takes a service: with its folder where others have its name. */
export function calledIn({ fleet }: Pick<Inventory, "fleet">, { name, home }: Service): string {
  const isAlone = fleet.services.filter((service) => service.name === name).length === 1;
  return isAlone ? name : `${name}@${home}`;
}

/** So many services of one pull request are tried; the others are only named. */
const MOST_TRIED = 5;
/** So many that are not known yet are tried in one look, whoever's pull requests bump them; the next one tries others. */
const MOST_NEW = 5;
/** Templates that are written out. */
const MOST_TEMPLATES = 3;

/** What is offered on pull requests that nothing else is said of. */
export async function offersOn(
  scene: Scene,
  ground: OptGround,
  { unopted, bumps }: { readonly unopted: readonly Unopted[]; readonly bumps: readonly Pick<BumpPull, "headSha">[] },
): Promise<readonly Offer[]> {
  // A check is a commit's: what is a step, or planned, says more.
  const told = new Set([...bumps, ...scene.pulls.filter(({ ours }) => ours)].map(({ headSha }) => headSha));
  const open = unopted.filter(({ headSha }) => !told.has(headSha));
  const homes = open.flatMap(({ services }) => services.slice(0, MOST_TRIED).map(({ service }) => service.home));
  const trying: Trying = { below: belowEach(ground.inventory.listing, new Set(homes)), left: MOST_NEW };
  const offers = open.map(async ({ headSha, services }) => ({
    headSha,
    services: await Promise.all(
      services.map(async ({ service, targets }, index): Promise<Offered> => {
        const called = calledIn(ground.inventory, service);
        const asked = { service, called, trying };
        return { service: called, targets, offer: index < MOST_TRIED ? await offerTo(scene, ground, asked) : UNTRIED };
      }),
    ),
  }));
  return Promise.all(offers);
}

/** The files below services' folders, and how many may be tried yet. */
type Trying = { readonly below: ReadonlyMap<string, readonly string[]>; left: number };

/** The files below each of some folders; a folder without a name is the whole repository, and not asked for. */
function belowEach(
  listing: Ground["inventory"]["listing"],
  folders: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, string[]>();
  for (const path of listing.keys()) {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      const folder = path.slice(0, end);
      if (!folders.has(folder)) continue;
      const known = below.get(folder);
      if (known === undefined) below.set(folder, [path]);
      else known.push(path);
    }
  }
  return below;
}

const UNTRIED = { kind: "untried" } as const;

type Asked = { readonly service: Service; readonly called: string; readonly trying: Trying };

/** The same files make the same offer. */
async function offerTo({ head, eyes: { memory } }: Scene, ground: OptGround, asked: Asked): Promise<Offered["offer"]> {
  const { listing } = ground.inventory;
  const { trying } = asked;
  const { home, targets } = asked.service;
  const read = targets.flatMap(({ reads, routes, why }) => [...reads, ...routes.map(({ path }) => path), ...why.files]);
  const paths = [...new Set([...read, ...(trying.below.get(home) ?? [])])].toSorted();
  const templates = [...ground.library.templates.values()].flatMap(({ files }) =>
    files.map((path) => listing.get(path)),
  );
  const key = JSON.stringify([asked.called, templates, paths.map((path) => [path, listing.get(path)])]);
  const known = memory.opting.offers.get(key);
  if (known === undefined && trying.left === 0) return UNTRIED;
  if (known === undefined) trying.left -= 1;
  const offer =
    known ?? (await tried(ground, paths, (text) => offered({ ...ground, read: text, revision: head }, asked)));
  keep(memory.opting.offers, key, offer);
  return offer;
}

async function tried(
  ground: OptGround,
  paths: readonly string[],
  work: (read: Ground["read"]) => Offered["offer"],
): Promise<Offered["offer"]> {
  try {
    return await ground.settled(paths, work);
  } catch (failure) {
    if (!(failure instanceof Unforeseen)) throw failure;
    return UNTRIED;
  }
}

function offered(ground: Ground & Pick<OptGround, "library">, { called }: Pick<Asked, "called">): Offered["offer"] {
  const wish = { service: called, targets: undefined, parameters: new Map<string, string>(), namespace: undefined };
  const choice = templatesFor(ground, wish, ground.library.templates.values());
  if (choice.kind === "err") return none(choice.error);
  const { templates } = choice.value;
  const tried = templates.slice(0, MOST_TEMPLATES).map((template) => triedOn(ground, { ...wish, template }));
  const fitting = tried.flatMap((one) => (one.kind === "ok" ? [one.value] : []));
  if (fitting.length > 0) return { kind: "fits", templates: fitting, more: templates.length - tried.length };
  return none(tried.flatMap((one) => (one.kind === "err" ? one.error : [])));
}

/** What is not given yet is for people to say: that alone speaks against no template. */
function triedOn(ground: Ground, wish: Wish): Result<OfferedTemplate, readonly Refused[]> {
  const done = optIn(ground, wish);
  const against = done.kind === "ok" ? [] : done.error.filter(({ code }) => code !== "template");
  if (against.length > 0) return err(against);
  const { name, title } = wish.template;
  return ok({ name, title, needs: done.kind === "ok" ? [] : neededBy(wish.template) });
}

function none(refused: readonly Refused[]): Offered["offer"] {
  const [first] = refused;
  return { kind: "none", why: first === undefined ? "there is no template for it" : reasonText(first) };
}

/** The parameters that must be given where the template makes a route of its own. */
export function neededBy({ parameters }: Template): readonly string[] {
  return parameters.filter((parameter) => parameter.default.kind === "required").map(({ name }) => name);
}
