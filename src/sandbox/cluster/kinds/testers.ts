/** A tenth of all requests are testers', which have a header that a rule may ask for. */
export const TESTERS = 0.1;
export const TESTER = { header: "x-tester", value: "yes" } as const;

/** What everybody's requests meet, and testers' where that is something else. */
export type Met<T> = { readonly everybody: T; readonly testers: T | undefined };

/** The rules that requests meet: those of everybody the first one that asks for no header, those of testers the first one of all that does. */
export function whoMeets<Rule>(rules: readonly Rule[], asks: (rule: Rule) => boolean): Met<Rule | undefined> {
  const everybody = rules.find((rule) => !asks(rule)) ?? rules[0];
  const testers = rules.find(asks);
  return { everybody, testers: testers === everybody ? undefined : testers };
}

/** Whether each of the matches of a rule asks for headers. */
export function asksForHeaders(matches: readonly object[]): boolean {
  return matches.length > 0 && matches.every((one) => "headers" in one);
}

/** Whether the testers' header is anywhere in what a rule says. */
export function namesTester(rule: unknown): boolean {
  return JSON.stringify(rule ?? "")
    .toLowerCase()
    .includes(TESTER.header);
}

type Weighted = { readonly weight: number };

/** The backends that everybody and testers meet together, with the weights that come of both; `nameOf` tells them apart. */
export function together<Backend extends Weighted>(
  { everybody, testers }: Met<readonly Backend[]>,
  nameOf: (backend: Backend) => string,
): readonly Backend[] {
  if (testers === undefined) return everybody;
  const part = (of: readonly Backend[], name: string) => {
    const all = of.reduce((sum, { weight }) => sum + weight, 0);
    const own = of.find((one) => nameOf(one) === name)?.weight ?? 0;
    return all === 0 ? 0 : own / all;
  };
  return everybody.map((one) => {
    const name = nameOf(one);
    return { ...one, weight: 100 * ((1 - TESTERS) * part(everybody, name) + TESTERS * part(testers, name)) };
  });
}
