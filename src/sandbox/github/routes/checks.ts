import { z } from "zod";
import { bodyOf } from "../body.ts";
import { CheckAnnotation, MOST_ANNOTATIONS } from "../check-output.ts";
import { latestChecks } from "../check-rules.ts";
import { checkOf, createCheck, updateCheck } from "../checks.ts";
import type { CheckReport } from "../checks.ts";
import { HttpError } from "../http-error.ts";
import { resolveCommit } from "../repo.ts";
import { acting, numberParam, paged, param, reading, writing } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { checkShape } from "../shapes/check.ts";
import type { CheckRun } from "../store.ts";

const LONGEST_TEXT = 65_535;

const Moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const CheckBody = z.object({
  name: z.string().min(1).optional(),
  external_id: z.string().optional(),
  details_url: z.string().optional(),
  status: z.enum(["queued", "in_progress", "completed"]).optional(),
  conclusion: z
    .enum(["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"])
    .optional(),
  started_at: Moment.optional(),
  completed_at: Moment.optional(),
  output: z
    .object({
      title: z.string().nullish(),
      summary: z.string().max(LONGEST_TEXT).nullish(),
      text: z.string().max(LONGEST_TEXT).nullish(),
      images: z.array(z.object({ alt: z.string(), image_url: z.string(), caption: z.string().optional() })).optional(),
      annotations: z.array(CheckAnnotation).max(MOST_ANNOTATIONS).optional(),
    })
    .optional(),
  actions: z
    .array(z.object({ label: z.string().max(20), description: z.string().max(40), identifier: z.string().max(20) }))
    .max(3)
    .optional(),
});

const NewCheckBody = CheckBody.extend({ name: z.string().min(1), head_sha: z.string() });

/** Check runs. */
export const checkRoutes: readonly Route[] = [
  { kind: "repo", method: "POST", path: "/check-runs", needs: writing("checks"), run: create },
  { kind: "repo", method: "GET", path: "/check-runs/{id}", needs: reading("checks"), run: get },
  { kind: "repo", method: "PATCH", path: "/check-runs/{id}", needs: writing("checks"), run: update },
  { kind: "repo", method: "GET", path: "/commits/{ref*}/check-runs", needs: reading("checks"), run: list },
];

async function create(call: RepoCall): Promise<Answer> {
  const body = bodyOf(NewCheckBody, call.body);
  refuseUntitled(body);
  const run = await createCheck(acting(call), call.store.app, {
    ...reportOf(body),
    name: body.name,
    headSha: body.head_sha,
  });
  return { status: 201, body: checkShape(call.store, call.repo, run) };
}

function update(call: RepoCall): Answer {
  const body = bodyOf(CheckBody, call.body);
  return {
    status: 200,
    body: checkShape(
      call.store,
      call.repo,
      updateCheck(acting(call), call.store.app, numberParam(call, "id"), reportOf(body)),
    ),
  };
}

function get(call: RepoCall): Answer {
  return { status: 200, body: checkShape(call.store, call.repo, checkOf(call.repo, numberParam(call, "id"))) };
}

async function list(call: RepoCall): Promise<Answer> {
  const ref = param(call, "ref");
  const sha = await resolveCommit(call.repo.git, ref);
  if (sha === undefined) throw new HttpError(422, `No commit found for SHA: ${ref}`);
  const { searchParams: query } = call.url;
  const all = [...call.repo.checks.values()].filter(({ headSha }) => headSha === sha);
  const runs = (query.get("filter") === "all" ? all : latestChecks(call.repo, sha))
    .filter((run) => isAsked(run, query))
    .toReversed();
  return paged(call, runs, (page) => ({
    total_count: runs.length,
    check_runs: page.map((run) => checkShape(call.store, call.repo, run)),
  }));
}

function isAsked(run: CheckRun, query: URLSearchParams): boolean {
  const wanted = [
    [query.get("check_name"), run.name],
    [query.get("app_id"), String(run.app.id)],
    [query.get("status"), run.status.kind],
  ] as const;
  return wanted.every(([asked, value]) => asked === null || asked === value);
}

function refuseUntitled({ output }: z.infer<typeof NewCheckBody>): void {
  if (output === undefined) return;
  const missing = (["title", "summary"] as const).filter(
    (field) => output[field] === undefined || output[field] === null,
  );
  if (missing.length > 0)
    throw new HttpError(422, `Invalid request.\n\n${missing.map((field) => `"${field}" wasn't supplied.`).join("\n")}`);
}

function reportOf(body: z.infer<typeof CheckBody>): CheckReport {
  const { output } = body;
  return {
    name: body.name,
    externalId: body.external_id,
    detailsUrl: body.details_url,
    status: body.status,
    conclusion: body.conclusion,
    startedAt: body.started_at,
    completedAt: body.completed_at,
    output: output === undefined ? undefined : withoutAbsent(output),
    actions: body.actions,
  };
}

function withoutAbsent({
  title,
  summary,
  text,
  images,
  annotations,
}: NonNullable<z.infer<typeof CheckBody>["output"]>) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary }),
    ...(text === undefined ? {} : { text }),
    ...(images === undefined ? {} : { images }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
