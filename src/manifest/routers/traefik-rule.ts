import { isOwn } from "./asking.ts";

// One with its arguments, of which the first is told.
const MATCHER = /\b([a-z]\w*)\(\s*(?:`([^`]*)`|"([^"]*)")?(?:[^`"()]|`[^`]*`|"(?:[^"\\]|\\.)*")*\)/gi;

// As version 3 calls those of headers, and, with an s, version 2.
const OF_HEADERS = /^headers?(?:regexp)?$/i;

// Longer ones are nobody's.
const LONGEST = 5_000;

const ASKS = "1";
const ASKS_NOT = "0";

/** Whether a rule of Traefik's, such as Host(`a`) && Header(`b`, `c`), takes no request without some header; not where it cannot be read. */
export function ruleAsks(rule: string): boolean {
  if (rule.length > LONGEST) return false;
  const signs = rule.replaceAll(MATCHER, (_, name: string, one?: string, other?: string) =>
    OF_HEADERS.test(name) && isOwn(one ?? other) ? ASKS : ASKS_NOT,
  );
  return reduced(signs.replaceAll(/\s/g, "")) === ASKS;
}

// Tightest first: what must not hold asks for nothing; of two that must hold one is enough, and of two of which one must hold both ask.
const STEPS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/![01]/, () => ASKS_NOT],
  [/\([01]\)/, (found) => found.slice(1, 2)],
  [/[01]&&[01]/, (found) => (found.includes(ASKS) ? ASKS : ASKS_NOT)],
  [/(?<!&&)[01]\|\|[01](?!&&)/, (found) => (found.includes(ASKS_NOT) ? ASKS_NOT : ASKS)],
];

function reduced(signs: string): string {
  for (const [form, by] of STEPS) {
    if (form.test(signs)) return reduced(signs.replace(form, by));
  }
  return signs;
}
