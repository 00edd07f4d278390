import type { CheckOutput } from "./check-output.ts";
import { emitCheck } from "./events.ts";
import { HttpError, notFound } from "./http-error.ts";
import { stirQueue } from "./merge-queue.ts";
import type { Acting, App, CheckAction, CheckRun, CheckStatus, Conclusion, Repo, Store } from "./store.ts";

/** What a caller may say about a check run; what is absent stays as it is. */
export type CheckReport = {
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
  readonly detailsUrl?: string | undefined;
  readonly status?: "queued" | "in_progress" | "completed" | undefined;
  readonly conclusion?: Conclusion | undefined;
  readonly startedAt?: number | undefined;
  readonly completedAt?: number | undefined;
  readonly output?: Partial<CheckOutput> | undefined;
  readonly actions?: readonly CheckAction[] | undefined;
};

/** Creates a check run on a commit, or throws 422 when the repository has no such commit. */
export async function createCheck(
  acting: Acting,
  app: App,
  given: CheckReport & { readonly name: string; readonly headSha: string },
): Promise<CheckRun> {
  const { store, repo } = acting;
  const commit = /^[0-9a-f]{40}$/.test(given.headSha)
    ? await repo.git.objects.read(`${given.headSha}^{commit}`)
    : undefined;
  if (commit === undefined) throw new HttpError(422, `No commit found for SHA: ${given.headSha}`);
  const now = store.clock.now();
  const blank: CheckRun = {
    id: store.nextId(),
    suite: suiteOf(store, repo, app, given.headSha),
    app,
    name: given.name,
    headSha: given.headSha,
    externalId: "",
    detailsUrl: null,
    status: { kind: "queued" },
    startedAt: now,
    output: { title: null, summary: null, text: null, images: [], annotations: [] },
    actions: [],
  };
  const run = reported(blank, given, now);
  repo.checks.set(run.id, run);
  stirQueue(acting);
  emitCheck(acting, run, { action: "created" });
  if (run.status.kind === "completed") emitCheck(acting, run, { action: "completed" });
  return run;
}

/** Changes a check run of the reporter's own; 403 for another App's. */
export function updateCheck(acting: Acting, app: App, id: number, given: CheckReport): CheckRun {
  const { store, repo } = acting;
  const before = checkOf(repo, id);
  if (before.app.id !== app.id)
    throw new HttpError(
      403,
      "Invalid app_id `" + app.id + "` - check run can only be modified by the GitHub App that created it.",
    );
  const run = reported(before, given, store.clock.now());
  repo.checks.set(id, run);
  stirQueue(acting);
  if (run.status.kind === "completed" && before.status.kind !== "completed")
    emitCheck(acting, run, { action: "completed" });
  return run;
}

/** The check run of an id, or 404. */
export function checkOf({ checks }: Repo, id: number): CheckRun {
  const run = checks.get(id);
  if (run === undefined) throw notFound();
  return run;
}

function reported(run: CheckRun, given: CheckReport, now: number): CheckRun {
  return {
    ...run,
    name: given.name ?? run.name,
    externalId: given.externalId ?? run.externalId,
    detailsUrl: given.detailsUrl ?? run.detailsUrl,
    status: statusOf(run.status, given, now),
    startedAt: given.startedAt ?? run.startedAt,
    output: {
      ...run.output,
      ...given.output,
      annotations: [...run.output.annotations, ...(given.output?.annotations ?? [])],
    },
    actions: given.actions ?? run.actions,
  };
}

// a conclusion completes the run, whatever status is said with it
function statusOf(before: CheckStatus, { status, conclusion, completedAt }: CheckReport, now: number): CheckStatus {
  if (conclusion !== undefined) return { kind: "completed", conclusion, at: completedAt ?? now };
  if (status === undefined) return before;
  if (status !== "completed") return { kind: status };
  if (before.kind === "completed") return before;
  throw new HttpError(422, 'Invalid request.\n\nInvalid property /status: "completed" needs a conclusion.');
}

function suiteOf(store: Store, { checks }: Repo, app: App, sha: string): number {
  const known = [...checks.values()].find((run) => run.headSha === sha && run.app.id === app.id);
  return known?.suite ?? store.nextId();
}
