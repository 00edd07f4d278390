/**
 * What one gate of a release says, whatever its kind; `advise`, `stands` and `absent` can neither block nor pass it: the first has no threshold yet, the second
 * nothing that it could judge, and the data of the third are missing.
 */
export type Ruling<Gate extends string = string> = {
  readonly gate: Gate;
  readonly verdict: { readonly kind: "block" | "pass" | "wait" | "advise" | "stands" | "absent" | "agrees" };
};

/** What all of them say together, and which gates it hangs on, in the order in which they were given. */
export type Outcome<Gate extends string = string> = {
  readonly kind: "block" | "pass" | "wait";
  readonly gates: readonly Gate[];
};

/**
 * One gate that blocks blocks the release, whatever else is missing. It passes when a gate has passed it, errors or latency, and none waits: evidence of one
 * metric is no excuse for silence of another.
 */
export function outcomeOf<Gate extends string>(rulings: readonly Ruling<Gate>[]): Outcome<Gate> {
  const saying = (kind: Ruling["verdict"]["kind"]) =>
    rulings.filter(({ verdict }) => verdict.kind === kind).map(({ gate }) => gate);
  const [blocking, waiting, passing] = [saying("block"), saying("wait"), saying("pass")];
  if (blocking.length > 0) return { kind: "block", gates: blocking };
  if (waiting.length > 0 || passing.length === 0) return { kind: "wait", gates: waiting };
  return { kind: "pass", gates: passing };
}
