import { sha, type Sha } from "../../core/names.ts";
import type { CheckAnnotation, CheckName, CheckRun, Conclusion, Lane, NewCheck } from "../../ports/forge.ts";
import { pages, PER_PAGE, type Api } from "./api.ts";
import { cutLine, cutText } from "./cut.ts";
import { unlessDone } from "./doubt.ts";
import { inLane } from "./transport.ts";

const LONGEST_TEXT = 65_535;
const LONGEST_TITLE = 255;
/** Of one request; a run with more would need a second one. */
const MOST_ANNOTATIONS = 50;
const MOST_BUTTONS = 3;
const LONGEST_LABEL = 20;
const LONGEST_DESCRIPTION = 40;
const CLOSING = "_Cut here: GitHub shows no more than this._";

/** The newest run of that name on a commit that this App reported; anyone's else does not count. */
export async function readCheck(api: Api, headSha: Sha, name: CheckName, lane: Lane): Promise<CheckRun | undefined> {
  const run = await newestRun(api, headSha, name, lane);
  if (run === undefined) api.memory.reports.drop(keyOf({ headSha, name }));
  else api.memory.reports.keep(keyOf({ headSha, name }), run.externalId);
  return run;
}

async function newestRun(
  { request, repo, identity }: Api,
  headSha: Sha,
  name: CheckName,
  lane: Lane,
): Promise<CheckRun | undefined> {
  const { id } = await identity();
  const route = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
  const query = {
    ...repo,
    ref: headSha,
    check_name: name,
    app_id: id,
    filter: "latest",
    per_page: PER_PAGE,
    request: inLane(lane),
  } as const;
  const runs = await pages(async (page) => {
    const { data, headers } = await request(route, { ...query, page });
    return { data: data.check_runs, headers };
  });
  const ours = runs.filter((run) => Number(run.app?.id) === id && run.name === name);
  const newest = ours.toSorted((a, b) => Number(b.id) - Number(a.id))[0];
  if (newest === undefined) return undefined;
  return {
    id: Number(newest.id),
    name: newest.name,
    headSha: sha(newest.head_sha),
    externalId: newest.external_id ?? "",
    conclusion: newest.status === "completed" ? conclusionOf(newest.conclusion) : undefined,
    title: newest.output.title ?? "",
  };
}

/** Makes our run of that name on that commit say this; writes nothing where its external id says that it does, and asks nothing where that is remembered. */
export async function report(api: Api, check: NewCheck, lane: Lane): Promise<void> {
  const { headSha, name, externalId } = check;
  const { reports } = api.memory;
  if (reports.get(keyOf(check)) === externalId) return;
  const there = await readCheck(api, headSha, name, lane);
  if (there?.externalId === externalId) return;
  // Until the write is known to be done, nothing is known.
  reports.drop(keyOf(check));
  await unlessDone(
    () => write(api, check, there, lane),
    async () => (await readCheck(api, headSha, name, lane))?.externalId === externalId,
  );
  reports.keep(keyOf(check), externalId);
}

function keyOf({ headSha, name }: Pick<NewCheck, "headSha" | "name">): string {
  return `${headSha} ${name}`;
}

async function write({ request, repo }: Api, check: NewCheck, there: CheckRun | undefined, lane: Lane): Promise<void> {
  const content = contentOf(check);
  // A run that is complete is not opened again: the newest run of a name is the one that counts.
  const reopens = there?.conclusion !== undefined && check.conclusion === undefined;
  // What a run was told of lines stays on it: what is there to be told next is told by another one.
  if (there === undefined || reopens || check.annotations !== undefined) {
    await request("POST /repos/{owner}/{repo}/check-runs", {
      ...repo,
      ...content,
      head_sha: check.headSha,
      // What no longer holds could be merged by it.
      request: inLane(reopens && lane === "progress" ? "step" : lane),
    });
    return;
  }
  const route = "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}";
  await request(route, { ...repo, ...content, check_run_id: there.id, request: inLane(lane) });
}

function contentOf({ name, externalId, conclusion, title, summary, text, actions, ...more }: NewCheck) {
  const { images = [], annotations = [] } = more;
  const status =
    conclusion === undefined ? { status: "in_progress" as const } : { status: "completed" as const, conclusion };
  return {
    name,
    external_id: externalId,
    ...status,
    // Buttons that are left out stay, under a run that no longer goes with them.
    actions: actions.slice(0, MOST_BUTTONS).map((button) => ({
      label: cutLine(button.label, LONGEST_LABEL),
      description: cutLine(button.description, LONGEST_DESCRIPTION),
      identifier: button.identifier,
    })),
    output: {
      title: cutLine(title, LONGEST_TITLE),
      summary: cutText(summary, LONGEST_TEXT, CLOSING),
      // A text that is left out stays as it was, under a summary that no longer goes with it.
      text: cutText(text ?? "", LONGEST_TEXT, CLOSING),
      // The same of images.
      images: images.map(({ url, alt, caption }) => ({ image_url: url, alt, caption })),
      ...(annotations.length > 0 && { annotations: annotations.slice(0, MOST_ANNOTATIONS).map(annotationOf) }),
    },
  };
}

function annotationOf({ path, line, level, title, message }: CheckAnnotation) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: cutLine(title, LONGEST_TITLE),
    message: cutText(message, LONGEST_TEXT, CLOSING),
  };
}

const CONCLUSIONS: readonly Conclusion[] = ["success", "failure", "action_required", "neutral"];

// What else a run may end as is never ours: GitHub's own `stale` means that it waits for us again.
function conclusionOf(value: string | null): Conclusion | undefined {
  return CONCLUSIONS.find((conclusion) => conclusion === value);
}
