/** Labels of pods, or what a selector asks of them. */
export type Labels = Readonly<Record<string, string>>;

const SUFFIX = "-canary";
const LONGEST = 63;

/**
 * The labels that the canary's pods have another value for: as few as it takes that none of the selectors that match stable's pods matches the canary's.
 * No Service that is there already sends traffic past the weights then.
 */
export function canaryLabels(pods: Labels, selectors: readonly Labels[]): Labels {
  const keys = telling(selectors.filter((selector) => selects(selector, pods)).map(Object.keys));
  return Object.fromEntries(keys.toSorted().map((key) => [key, canaryOf(pods[key] ?? "")]));
}

/** Whether a selector matches pods with these labels; an empty one matches none here, as with Services. */
export function selects(selector: Labels, pods: Labels): boolean {
  const asked = Object.entries(selector);
  return asked.length > 0 && asked.every(([key, value]) => pods[key] === value);
}

// One of each selector's keys: first what most of them ask for, then what most of the others do.
function telling(asked: readonly (readonly string[])[]): readonly string[] {
  const keys = [...new Set(asked.flat())].toSorted();
  const times = (key: string) => asked.filter((one) => one.includes(key)).length;
  const [first] = keys.toSorted((a, b) => times(b) - times(a));
  return first === undefined ? [] : [first, ...telling(asked.filter((one) => !one.includes(first)))];
}

function canaryOf(value: string): string {
  return value === "" ? SUFFIX.slice(1) : `${value.slice(0, LONGEST - SUFFIX.length)}${SUFFIX}`;
}
