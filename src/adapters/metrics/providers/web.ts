import { jsonPath, valueAt } from "../../../core/json-path.ts";
import { armless, filled, type Fillings } from "../../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { GoResult, Json, Measure, WebQuery } from "../../../ports/measure.ts";
import { jsonOf } from "../json.ts";
import { ask, askJson, together, unreadable } from "./source.ts";
import type { Connection, CountingProvider, CountQuery, WindowCounts, Windows } from "./source.ts";

/** Asked for at the same time of one server. */
const AT_ONCE = 4;

/** Any server that gives JSON for one arm and one window. */
export const web: CountingProvider = {
  called: "The web provider",
  mostWindows: 60,
  form: {
    settleMs: 5_000,
    secrets: {},
    options: { path: { fault: pathFault } },
    counts: {
      fault: (text) => {
        const path = jsonPath(text);
        return path.kind === "err" ? path.error : undefined;
      },
    },
    arms: { option: "path" },
  },
  connect: (connection) => ({
    counts: (queries, windows) => countsOf(queries, windows, connection),
    probe: async () => {
      const found = await ask(connection, { path: "" });
      // Nothing need stand at the bare address: that it is not found says that somebody answers.
      const isThere = found.kind === "read" || / answered 40[45]\b/.test(found.reason);
      return isThere ? read("answers") : found;
    },
  }),
};

/** Values as Argo's web provider gives them: what the path leads to, or the whole text where the body is no JSON. */
export function webMeasure(connection: Connection): Measure<WebQuery> {
  return async ({ jsonPath: path = "{$}", ...request }) => {
    const parsed = jsonPath(path);
    if (parsed.kind === "err") return unavailable(`The JSONPath ${parsed.error}.`);
    const found = await ask(connection, request);
    if (found.kind === "unavailable") return found;
    const json = jsonOf(found.value.body);
    if (json === undefined) return read<GoResult>({ goType: "string", value: found.value.body });
    const value = valueAt(parsed.value, json);
    return isJson(value) ? read({ goType: "any", value }) : unavailable("The JSONPath leads to nothing in the answer.");
  };
}

function pathFault(text: string): string | undefined {
  if (!/^\/(?!\/)[!-~]{0,500}$/.test(text) || /[#\\]|\.\./.test(text))
    return "must be a path such as /counts?service={arm}&from={from}&to={to}";
  if (!text.includes("{from}") || !text.includes("{to}")) return "must hold {from} and {to}, in seconds since 1970";
  return armless(text);
}

/** One request for each arm and window, which holds all counts of that arm. */
async function countsOf(
  queries: readonly CountQuery[],
  windows: Windows,
  connection: Connection,
): Promise<Reading<readonly WindowCounts[]>> {
  const byArm = Map.groupBy(queries, ({ names }) => names);
  const answers = new Map<Fillings, readonly unknown[]>();
  for (const names of byArm.keys()) {
    // oxlint-disable-next-line no-await-in-loop -- a few at a time is what the server is asked for at most
    const found = await answersOf(names, windows, connection);
    if (found.kind === "unavailable") return found;
    answers.set(names, found.value);
  }
  return together(queries.map(({ text, names }) => countsAt(text, answers.get(names) ?? [], connection)));
}

async function answersOf(
  names: Fillings,
  windows: Windows,
  connection: Connection,
): Promise<Reading<readonly unknown[]>> {
  const { from, to, windowMs } = windows;
  const starts = Array.from({ length: Math.round((to - from) / windowMs) }, (_, index) => from + index * windowMs);
  const found: Reading<unknown>[] = [];
  for (let index = 0; index < starts.length; index += AT_ONCE) {
    const some = starts.slice(index, index + AT_ONCE).map((start) => {
      const span = { from: String(start / 1000), to: String((start + windowMs) / 1000) };
      return askJson(connection, { path: pathFor(names, span, connection) });
    });
    // oxlint-disable-next-line no-await-in-loop -- likewise
    found.push(...(await Promise.all(some)));
    if (found.some(({ kind }) => kind === "unavailable")) break;
  }
  return together(found);
}

function pathFor(
  names: Fillings,
  { from, to }: { readonly from: string; readonly to: string },
  { options }: Connection,
): string {
  const path = filled(options["path"] ?? "", names);
  return path.replaceAll("{from}", from).replaceAll("{to}", to).slice(1);
}

function countsAt(text: string, answers: readonly unknown[], connection: Connection): Reading<WindowCounts> {
  const path = jsonPath(text);
  if (path.kind === "err") return unreadable(connection);
  const values = answers.map((json) => valueAt(path.value, json) ?? undefined);
  const counts = values.filter((value) => value === undefined || typeof value === "number");
  return counts.length === values.length ? read(counts) : unreadable(connection);
}

/** Parsed JSON is JSON: only what is not there is none. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}
