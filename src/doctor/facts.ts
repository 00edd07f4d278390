import type { RepoName } from "../core/names.ts";
import { read, unavailable, type Reading } from "../core/reading.ts";
import type { AppCheckup, AppFacts, InstallationFacts, RepositoryCheckup } from "../ports/checkup.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { AppReport, RepositoryReport, TreeReport } from "./report.ts";

const DAY_MS = 24 * 3_600_000;
/** A name as Tidegate's branches have: rules for `tidegate/**` hold for it, and for no branch that is there. */
const SAMPLE_BRANCH = "tidegate/service/target/0000000000/0-warmup";

export type AppPorts = {
  readonly checkup: AppCheckup;
  readonly gitVersion: () => Promise<string>;
  readonly clock: Pick<Clock, "now">;
  /** As the operator says it. */
  readonly publicUrl: string | undefined;
};

/** Asks about the App and this machine; each part that cannot be had says why, and keeps no other from being had. */
export async function lookAtApp({ checkup, gitVersion, clock, publicUrl }: AppPorts): Promise<AppReport> {
  const [app, hook, deliveries, skew, git] = await Promise.all([
    attempt(checkup.app),
    attempt(checkup.hook),
    attempt(() => checkup.deliveries(clock.now() - DAY_MS)),
    attempt(checkup.skew),
    attempt(gitVersion),
  ]);
  return { app, hook, deliveries, skew, git, publicUrl };
}

export type RepositoryPorts = {
  readonly checkup: RepositoryCheckup;
  readonly forge: Pick<ForgeReader, "rules">;
  /** Looks at what the default branch holds. */
  readonly tree: () => Promise<TreeReport>;
};

export type Asked = {
  readonly repo: RepoName;
  readonly appId: number;
  readonly app: Reading<AppFacts>;
  readonly installation: InstallationFacts;
};

/** Asks about one repository of an installation. */
export async function lookAtRepository(asked: Asked, ports: RepositoryPorts): Promise<RepositoryReport> {
  const { checkup, forge, tree } = ports;
  const installation = read<InstallationFacts | undefined>(asked.installation);
  if (asked.installation.suspended) return { ...unseen(asked, "the installation is suspended"), installation };
  const settings = await attempt(checkup.settings);
  const onBranch = <T>(ask: (branch: string) => Promise<T>): Promise<Reading<T>> =>
    settings.kind === "read" ? attempt(() => ask(settings.value.branch)) : Promise.resolve(settings);
  const [rules, restrictions, classic, held] = await Promise.all([
    onBranch(forge.rules),
    attempt(() => checkup.restrictions(SAMPLE_BRANCH)),
    onBranch(checkup.isClassicallyProtected),
    attempt(tree),
  ]);
  return { ...asked, installation, settings, rules, restrictions, classic, tree: held };
}

/** The report of a repository that no installation covers, or of which none is known for a reason. */
export function uncovered(asked: Omit<Asked, "installation">, reason?: string): RepositoryReport {
  const installation: RepositoryReport["installation"] = reason === undefined ? read(undefined) : unavailable(reason);
  return { ...unseen(asked, "no installation covers it"), installation };
}

function unseen(asked: Omit<Asked, "installation">, reason: string): Omit<RepositoryReport, "installation"> {
  const none = unavailable<never>(reason);
  const { repo, appId, app } = asked;
  return { repo, appId, app, settings: none, rules: none, restrictions: none, classic: none, tree: none };
}

/** What was asked for, or in one line why it could not be had. */
export async function attempt<T>(ask: () => Promise<T>): Promise<Reading<T>> {
  try {
    return read(await ask());
  } catch (error) {
    return unavailable(lineOf(error));
  }
}

function lineOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/\s+/g, " ").trim().slice(0, 300);
}
