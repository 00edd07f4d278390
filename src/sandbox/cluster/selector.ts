/** An instant vector selector, or with `rangeMs` a range vector selector. */
export type Selector = {
  readonly name: string | undefined;
  readonly matchers: readonly Matcher[];
  readonly rangeMs: number | undefined;
};

export type Matcher = { readonly label: string; readonly matches: (value: string) => boolean };

/** A query that is not a selector, or not a valid one. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

const SELECTOR = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(?:\{(.*)\})?\s*(?:\[([^\]]*)\])?\s*$/s;
const MATCHER = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*(,|$)/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" };
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Parses the part of PromQL that the sandbox evaluates: selectors. Throws a QueryError on anything else. */
export function selectorOf(query: string): Selector {
  const match = SELECTOR.exec(query);
  if (match === null) throw new QueryError("only selectors are evaluated here");
  const [, name, inside, range] = match;
  const matchers = matchersIn(inside ?? "");
  const isEmpty = name === undefined && matchers.every(({ matches }) => matches(""));
  if (isEmpty) throw new QueryError("vector selector must contain at least one non-empty matcher");
  return { name, matchers, rangeMs: range === undefined ? undefined : durationOf(range) };
}

/** Parses selectors joined by `or`, which the sandbox evaluates as well. No quoted value may hold "} or ". */
export function selectorsOf(query: string): readonly Selector[] {
  return query.split(/(?<=\})\s+or\s+/).map(selectorOf);
}

/** Milliseconds of a duration such as `1m30s`. Throws a QueryError on anything else, and on zero. */
export function durationOf(text: string): number {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text))
    throw new QueryError(`not a valid duration string: ${JSON.stringify(text)}`);
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  const total = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  if (total === 0) throw new QueryError("duration must be greater than 0");
  return total;
}

function matchersIn(inside: string): readonly Matcher[] {
  const matchers: Matcher[] = [];
  const pattern = new RegExp(MATCHER);
  while (pattern.lastIndex < inside.trimEnd().length) {
    const match = pattern.exec(inside);
    if (match === null) throw new QueryError("unexpected input inside braces");
    const [, label = "", op = "", quoted = ""] = match;
    matchers.push({ label, matches: testOf(op, unquoted(quoted)) });
  }
  return matchers;
}

function testOf(op: string, value: string): (actual: string) => boolean {
  if (op === "=") return (actual) => actual === value;
  if (op === "!=") return (actual) => actual !== value;
  const pattern = anchored(value);
  return op === "=~" ? (actual) => pattern.test(actual) : (actual) => !pattern.test(actual);
}

// Prometheus anchors at both ends, and its dot matches a line break.
function anchored(value: string): RegExp {
  try {
    return new RegExp(`^(?:${value})$`, "s");
  } catch {
    throw new QueryError("error parsing regexp");
  }
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => {
    const meaning = ESCAPES[character];
    if (meaning === undefined) throw new QueryError("unknown escape sequence");
    return meaning;
  });
}
