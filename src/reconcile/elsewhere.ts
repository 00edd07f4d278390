import { filesOf } from "../core/manifests.ts";
import type { Name } from "../core/names.ts";
import type { Elsewhere } from "../core/snapshot.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { Blob, GitReader } from "../ports/git.ts";
import type { Base } from "../ports/shared.ts";
import { CONFIG_PATH, pathOf, SERVICES, type ConfigReading, type Readings } from "./readings.ts";

/** A repository that extends another one, as it is read. */
export type Extending = {
  readonly git: Pick<GitReader, "fetch" | "list" | "read">;
  readonly forge: Pick<ForgeReader, "repository">;
  readonly readings: Pick<Readings, "config" | "state">;
};

/** What a repository extends now, and would. */
export type Bases = { readonly now: Base; readonly next: Base };

/** What a repository's default branch makes of another base; undefined where it makes nothing else of it. */
export async function elsewhereIn(repo: string, sight: Extending, bases: Bases): Promise<Elsewhere | undefined> {
  const { git, forge, readings } = sight;
  const { defaultBranch } = await forge.repository();
  const head = (await git.fetch()).get(`refs/heads/${defaultBranch}`);
  if (head === undefined) return undefined;
  const config = (await git.read(head, [CONFIG_PATH])).get(CONFIG_PATH);
  const states = await git.read(head, await git.list(head, SERVICES));
  const now = readings.config(config, bases.now);
  const then = readings.config(config, bases.next);
  const found = membersOf(states, readings).map((member) => comparing(member, now, then));
  const otherwise = found.flatMap((one) => (one.kind === "otherwise" ? [one.name] : []));
  const refused = found.flatMap((one) => (one.kind === "refused" ? one.problems : []));
  const problems = [...new Set([...then.problems.filter((one) => !now.problems.includes(one)), ...refused])];
  const loosened = (then.loosened ?? []).filter((one) => now.loosened?.includes(one) !== true);
  const asked = (then.pulls?.said ?? []).filter((one) => now.pulls?.said.includes(one) !== true);
  if ([otherwise, problems, loosened, asked].every(({ length }) => length === 0)) return undefined;
  return { repo, otherwise, problems, loosened, ...(asked.length > 0 && { asked }) };
}

type Placed = { readonly service: Name; readonly target: Name; readonly paths: readonly string[] };

function membersOf(states: ReadonlyMap<string, Blob>, readings: Pick<Readings, "state">): readonly Placed[] {
  return [...states].flatMap(([path, blob]) => {
    const state = readings.state(path, blob);
    if (state.kind === "refused" || path !== pathOf(state.value.service)) return [];
    return [...state.value.targets].map(([target, { manifests }]) => {
      return { service: state.value.service, target, paths: filesOf(manifests) };
    });
  });
}

type Compared =
  | { readonly kind: "same" }
  | { readonly kind: "otherwise"; readonly name: string }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

function comparing({ service, target, paths }: Placed, now: ConfigReading, then: ConfigReading): Compared {
  const [before, after] = [now, then].map((config) => config.policyFor(target, paths, service));
  if (before === undefined || after === undefined || JSON.stringify(before) === JSON.stringify(after))
    return { kind: "same" };
  if (after.kind === "refused") return { kind: "refused", problems: after.problems };
  return { kind: "otherwise", name: `${service} in ${target}` };
}
