/** A tenth of all requests are testers', which have the header that a rule may ask for. */
export const TESTERS = 0.1;

/** The rules that requests meet: those of everybody the first one that asks for no header, those of testers the first one of all that does. */
export function whoMeets<Rule>(
  rules: readonly Rule[],
  matches: (rule: Rule) => readonly object[],
): { readonly everybody: Rule | undefined; readonly testers: Rule | undefined } {
  const asks = (rule: Rule) => matches(rule).length > 0 && matches(rule).every((one) => "headers" in one);
  return { everybody: rules.find((rule) => !asks(rule)) ?? rules[0], testers: rules.find(asks) };
}

type Weighted = { readonly weight: number };

/** The backends that everybody and testers meet together, with the weights that come of both; `nameOf` tells them apart. */
export function together<Backend extends Weighted>(
  everybody: readonly Backend[],
  testers: readonly Backend[] | undefined,
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
