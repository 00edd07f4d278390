import { CODE_OWNERS_PLACES, ownersOf } from "../config/code-owners.ts";
import { bumpedIn } from "../core/manifests.ts";
import type { CommandRule, Human } from "../core/permissions.ts";
import type { ForgeReader, Standing } from "../ports/forge.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** Who somebody is to a service, as GitHub says at this look; each question is asked once a look, and only where a rule asks for its answer. */
export type Registry = {
  /** Undefined where GitHub does not answer: nothing is refused, or allowed, for that. */
  readonly humanFor: (login: string, member: Pick<UnmeasuredMember, "at" | "policy">) => Promise<Human | undefined>;
  /** The same to what has no state yet: `manifests` are its files, of which a code owner owns all. */
  readonly humanOf: (login: string, asked: Asked) => Promise<Human | undefined>;
};

type Asked = { readonly rules: readonly CommandRule[]; readonly manifests: readonly string[] };

export function registryOf(scene: Scene): Registry {
  const standings = new Map<string, Promise<Standing>>();
  const memberships = new Map<string, Promise<boolean>>();
  const { forge } = scene.eyes;
  const standing = (login: string) => kept(standings, login, () => forge.standing(login));
  const inTeam = (team: string, login: string) =>
    kept(memberships, `${team} ${login}`, () => forge.inTeam(team, login));
  const lookUp = async (login: string, { rules, manifests }: Asked): Promise<Human> => {
    const { permission, role } = await standing(login);
    const asked = new Set(rules.flatMap(({ allow }) => allow.teams));
    const teams = await confirmed([...asked], login, inTeam);
    const isAsked = rules.some(({ allow }) => allow.codeOwners);
    const codeOwner = isAsked && (await ownsAll(scene, manifests, { login, inTeam }));
    return { login, permission, role, teams, codeOwner, byBot: false };
  };
  // What GitHub does not answer is asked again at the next look, which keeps nobody else from being heard at this one.
  const humanOf: Registry["humanOf"] = (login, asked) => lookUp(login, asked).catch(() => undefined);
  return {
    humanOf,
    humanFor: (login, { at, policy }) => humanOf(login, { rules: policy.rules, manifests: [bumpedIn(at.manifests)] }),
  };
}

type Membership = ForgeReader["inTeam"];

async function confirmed(teams: readonly string[], login: string, inTeam: Membership): Promise<readonly string[]> {
  const answers = await Promise.all(teams.map(async (team) => ({ team, isIn: await inTeam(team, login) })));
  return answers.filter(({ isIn }) => isIn).map(({ team }) => team);
}

type Asker = { readonly login: string; readonly inTeam: Membership };

async function ownsAll(scene: Scene, paths: readonly string[], asker: Asker): Promise<boolean> {
  const owned = await Promise.all(paths.map((path) => ownsCode(scene, path, asker)));
  return owned.length > 0 && owned.every(Boolean);
}

/** CODEOWNERS of the tracked branch, never of a pull request. */
async function ownsCode({ head, eyes: { git } }: Scene, path: string, { login, inTeam }: Asker): Promise<boolean> {
  const files = await git.read(head, CODE_OWNERS_PLACES);
  const text = CODE_OWNERS_PLACES.map((place) => files.get(place)?.text).find((found) => found !== undefined);
  const owners = ownersOf(text, path).map((owner) => owner.slice(1));
  if (owners.some((owner) => owner.toLowerCase() === login.toLowerCase())) return true;
  const teams = owners.filter((owner) => owner.includes("/"));
  return (await confirmed(teams, login, inTeam)).length > 0;
}

function kept<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const answer = ask();
  known.set(key, answer);
  return answer;
}
