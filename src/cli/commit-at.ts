import { existsSync } from "node:fs";
import { githubAppCheckup } from "../adapters/github/checkup.ts";
import { openClone, type Skipped } from "../adapters/git/clone.ts";
import type { Terminal } from "./command-line.ts";
import { UserError } from "../core/error.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import { inspection } from "./inspection.ts";
import type { Listing } from "../manifest/services/inventory.ts";
import type { Clock } from "../ports/clock.ts";
import { settingsOf } from "../operator/settings.ts";
import type { BaseOf } from "../ports/shared.ts";
import { NOTHING_SHARED } from "../reconcile/config-readings.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";

/** A commit whose files can be read. */
export type Commit = {
  readonly repository: string;
  readonly id: string;
  readonly listing: Listing;
  readonly skipped: readonly Skipped[];
  readonly texts: (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** What its configuration is laid over; of a clone nothing tells where that lies. */
  readonly baseOf: BaseOf;
};

type World = { readonly terminal: Terminal; readonly clock: Clock };

/** A commit of a clone, `HEAD` unless said, or the default branch of a repository that the App is installed on. Throws a UserError, a GitError or a ForgeError where there is none. */
export async function commitAt(place: string, at: string | undefined, world: World): Promise<Commit> {
  if (existsSync(place)) return inClone(place, at ?? "HEAD", world.terminal);
  if (!isRepoName(place))
    throw new UserError(`There is no folder ${place}, and it is not the owner/name of a repository.`);
  if (at !== undefined) throw new UserError("--at needs a clone.");
  return onGitHub(place, world);
}

async function inClone(folder: string, name: string, { environment }: Terminal): Promise<Commit> {
  const clone = await openClone(folder, environment);
  const id = await clone.resolve(name);
  if (id === undefined) throw new UserError(`There is no commit ${name} in ${folder}.`);
  const { ids, skipped } = await clone.files(id);
  return {
    repository: folder,
    id,
    listing: ids,
    skipped,
    texts: async (paths) => {
      const wanted = paths.flatMap((path) => ids.get(path) ?? []);
      const texts = await clone.texts(wanted);
      return new Map(paths.flatMap((path) => textOf(path, texts.get(ids.get(path) ?? wanted[0] ?? id))));
    },
    baseOf: NOTHING_SHARED,
  };
}

function textOf(path: string, text: string | undefined): readonly (readonly [string, string])[] {
  return text === undefined ? [] : [[path, text]];
}

/** The default branch of a repository, through a mirror that is gone afterwards. */
async function onGitHub(repo: RepoName, { terminal: { environment }, clock }: World): Promise<Commit> {
  const { github, through } = inspection({ settings: settingsOf(environment), clock, environment });
  const installation = await githubAppCheckup(github).installationOf(repo);
  if (installation === undefined) throw new UserError(`No installation of the App covers ${repo}.`);
  return through({ installation: installation.id, repo }, async ({ git, forge, readings }) => {
    const { defaultBranch } = await forge.repository();
    const head = (await git.fetch()).get(`refs/heads/${defaultBranch}`);
    if (head === undefined) throw new UserError(`${repo} has no branch ${defaultBranch}.`);
    const paths = await git.list(head, "");
    const blobs = await git.read(head, paths);
    const listing = new Map(paths.map((path) => [path, blobs.get(path)?.id ?? ""]));
    // The mirror of what it extends is gone afterwards, too.
    const base = await readings.baseOf(readings.extended(blobs.get(CONFIG_PATH)));
    return {
      repository: repo,
      id: head,
      listing,
      skipped: [],
      texts: async (wanted) => new Map(wanted.flatMap((path) => textOf(path, blobs.get(path)?.text))),
      baseOf: async () => base,
    };
  });
}
