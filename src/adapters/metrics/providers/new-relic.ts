import { filled } from "../../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { Json, Measure } from "../../../ports/measure.ts";
import { fieldsOf, itemsOf, within, type Fields } from "../json.ts";
import { perWindow, type Point } from "./points.ts";
import { askJson, together, unreadable } from "./source.ts";
import type { Connection, CountingProvider, CountQuery, WindowCounts, Windows } from "./source.ts";

/** Clauses that a query for counts may not have: its span and its windows are put behind it. */
const OURS = /\b(since|until|timeseries|facet|compare\s+with|with\s+timezone)\b/i;

/** New Relic's NRQL, through NerdGraph. */
export const newRelic: CountingProvider = {
  called: "New Relic",
  // NRQL makes at most 366 buckets of one span.
  mostWindows: 360,
  form: {
    url: "https://api.newrelic.com",
    settleMs: 60_000,
    secrets: { apiKey: "needed" },
    options: {
      account: { fault: (text) => (/^\d{1,15}$/.test(text) ? undefined : "must be the number of an account") },
    },
    counts: {
      fault: (text) => {
        const clause = OURS.exec(text)?.[1];
        return clause === undefined ? undefined : `must not hold ${clause.toUpperCase()}: the windows decide that`;
      },
    },
    arms: "counts",
  },
  connect: (connection) => ({
    counts: (queries, windows) => countsOf(queries, windows, connection),
    probe: async () => {
      const account = `account(id: ${accountOf(connection)}) { id }`;
      const found = await askNerdGraph(connection, { query: `{ actor { ${account} } }` });
      if (found.kind === "unavailable") return found;
      return fieldsOf(within(found.value, "account")) === undefined ? unreadable(connection) : read("answers");
    },
  }),
};

/** Values as Argo's New Relic provider gives them: one row is a map, several are a list of maps, none is no value. */
export function newRelicMeasure(connection: Connection): Measure<string> {
  return async (query) => {
    const rows = await rowsOf([query], connection);
    if (rows.kind === "unavailable") return rows;
    const [found = []] = rows.value;
    const [first, second] = found;
    if (first === undefined || Object.keys(first).length === 0)
      return unavailable("New Relic answered the query with no row.");
    return second === undefined
      ? read({ goType: "map[string]any", value: first })
      : read({ goType: "[]map[string]any", value: found });
  };
}

type Row = { readonly [key: string]: Json };

async function countsOf(
  queries: readonly CountQuery[],
  windows: Windows,
  connection: Connection,
): Promise<Reading<readonly WindowCounts[]>> {
  const { from, to, windowMs } = windows;
  if (windowMs % 1000 !== 0) return unavailable("New Relic counts in whole seconds: another measure.window fits them.");
  const span = `SINCE ${from} UNTIL ${to} TIMESERIES ${windowMs / 1000} seconds`;
  const rows = await rowsOf(
    queries.map(({ text, names }) => `${filled(text, names)} ${span}`),
    connection,
  );
  if (rows.kind === "unavailable") return rows;
  return together(
    rows.value.map((ofQuery) => {
      const points = ofQuery.map((row) => pointOf(row, windowMs));
      const whole = points.filter((point) => point !== undefined);
      if (whole.length < points.length) return unreadable<WindowCounts>(connection);
      return perWindow(whole, { ...windows, stepMs: windowMs }, "New Relic");
    }),
  );
}

/** The one number of a bucket as long as a window; undefined for every other row. */
function pointOf({ beginTimeSeconds, endTimeSeconds, ...rest }: Row, windowMs: number): Point | undefined {
  const [value, second] = Object.values(rest);
  if (typeof beginTimeSeconds !== "number" || typeof endTimeSeconds !== "number") return undefined;
  if (typeof value !== "number" || second !== undefined) return undefined;
  const at = beginTimeSeconds * 1000;
  return endTimeSeconds * 1000 - at === windowMs ? { at, value } : undefined;
}

/** The rows of each query, all asked for at once. Queries travel as variables: nothing in them is read as GraphQL. */
async function rowsOf(
  queries: readonly string[],
  connection: Connection,
): Promise<Reading<readonly (readonly Row[])[]>> {
  const declared = queries.map((_, index) => `$q${index}: Nrql!`).join(", ");
  const asked = queries.map((_, index) => `q${index}: nrql(query: $q${index}) { results }`).join(" ");
  const query = `query(${declared}) { actor { account(id: ${accountOf(connection)}) { ${asked} } } }`;
  const variables = Object.fromEntries(queries.map((text, index) => [`q${index}`, text]));
  const found = await askNerdGraph(connection, { query, variables });
  if (found.kind === "unavailable") return found;
  return together(
    queries.map((_, index) => {
      const rows = itemsOf(within(found.value, "account", `q${index}`, "results"));
      return rows?.every(isRow) === true ? read(rows) : unreadable<readonly Row[]>(connection);
    }),
  );
}

/** What GraphQL says of the actor. Errors come with status 200, and a part of the data beside them. */
async function askNerdGraph(
  connection: Connection,
  body: { readonly query: string; readonly variables?: Fields },
): Promise<Reading<unknown>> {
  const headers = { "API-Key": connection.secrets["apiKey"] ?? "" };
  const found = await askJson(connection, { path: "graphql", method: "POST", headers, body });
  if (found.kind === "unavailable") return found;
  const [error] = itemsOf(within(found.value, "errors")) ?? [];
  if (error !== undefined) return unavailable(`New Relic refuses the query${classOf(error)}.`);
  const actor = within(found.value, "data", "actor");
  return fieldsOf(actor) === undefined ? unreadable(connection) : read(actor);
}

/** The class of an error; its message holds the query. */
function classOf(error: unknown): string {
  const word = within(error, "extensions", "errorClass");
  return typeof word === "string" && /^[A-Z_]{1,48}$/.test(word) ? ` (${word})` : "";
}

function accountOf({ options }: Connection): string {
  return options["account"] ?? "0";
}

function isRow(value: unknown): value is Row {
  return fieldsOf(value) !== undefined;
}
