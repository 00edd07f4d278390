import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMirror } from "../adapters/git/git.ts";
import { githubApp, type GitHubApp } from "../adapters/github/app.ts";
import type { CheckupOptions } from "../adapters/github/checkup.ts";
import { measuresOf } from "../adapters/metrics/measure.ts";
import { metricsOf } from "../adapters/metrics/provider.ts";
import { SYSTEM_TIMERS } from "../adapters/queue/timers.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { RepoKey } from "../ports/queue.ts";
import type { Sight } from "../reconcile/look.ts";
import { freshMemory } from "../reconcile/memory.ts";
import { parsedOnce } from "../reconcile/parsed.ts";
import { remembered } from "../reconcile/remembered.ts";
import { askingFor, limitsOf, operatorOf } from "../operator/operator.ts";
import { shippedTemplates } from "../operator/shipped-templates.ts";
import type { Settings } from "../operator/settings.ts";
import { sharedSources } from "../operator/shared-sources.ts";

export type InspectionParts = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** The adapters of a running Tidegate, for one who only looks. */
export type Inspection = {
  readonly app: GitHubApp;
  readonly github: CheckupOptions;
  /** Looks at a repository through a mirror of its own, which is gone afterwards. */
  readonly through: <T>(key: RepoKey, work: (sight: Sight) => Promise<T>) => Promise<T>;
};

const nothing = (): void => undefined;
/** Who looks is told in the end, not in between. */
const SILENT: Log = { info: nothing, warn: nothing };

/** Makes them by the operator's settings. */
export function inspection(parts: InspectionParts): Inspection {
  const { settings, clock } = parts;
  const identity = { id: settings.APP_ID, privateKey: settings.PRIVATE_KEY };
  const limits = limitsOf(settings);
  const app = githubApp({ app: identity, baseUrl: settings.GITHUB_API_URL, clock, log: SILENT, limits });
  return {
    app,
    github: { app: identity, baseUrl: settings.GITHUB_API_URL, clock, log: SILENT, fetch },
    through: async (key, work) => {
      const folder = await mkdtemp(join(tmpdir(), "tidegate-look-"));
      try {
        return await work(await sightOf(key, app, { ...parts, folder }));
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

type Sighting = InspectionParts & { readonly app: GitHubApp; readonly folder: string };

async function sightOf(key: RepoKey, app: GitHubApp, parts: Omit<Sighting, "app">): Promise<Sight> {
  const { installation, repo } = key;
  const { settings, clock, environment } = parts;
  const shared = sharedSources({
    everywhere: settings.CONFIG_REPOSITORY,
    readerOf: async (above) => ({
      git: await mirrorOf(above, "shared.git", { ...parts, app }),
      forge: app.forge(above.installation, above.repo),
    }),
    clock,
    timers: SYSTEM_TIMERS,
    log: SILENT,
    wake: async () => undefined,
  });
  return {
    git: remembered(await mirrorOf(key, "mirror.git", { ...parts, app })),
    forge: app.forge(installation, repo),
    readings: parsedOnce(operatorOf(settings, environment), shared.baseOf(key)),
    memory: freshMemory(),
    metrics: (provider) => metricsOf(provider, askingFor(settings, clock)),
    measures: measuresOf(askingFor(settings, clock)),
    clock,
    templates: shippedTemplates(),
    limits: app.ahead(installation, repo),
  };
}

async function mirrorOf(
  { installation, repo }: RepoKey,
  name: string,
  { settings, environment, app, folder }: Sighting,
): ReturnType<typeof openMirror> {
  const directory = join(folder, name);
  await copyOf(join(settings.DATA_DIR, "mirrors", String(installation), `${repo}.git`), directory);
  return openMirror({
    directory,
    url: `${settings.GITHUB_URL}/${repo}.git`,
    token: (refused) => app.token(installation, repo, refused),
    log: SILENT,
    ambient: environment,
  });
}

/** A mirror belongs to one process, so that of a running Tidegate is copied, never used; a copy that is of no use is cloned anew. */
async function copyOf(mirror: string, directory: string): Promise<void> {
  try {
    await cp(mirror, directory, { recursive: true, filter: (path) => !path.endsWith(".lock") });
  } catch {
    await rm(directory, { recursive: true, force: true });
  }
}
