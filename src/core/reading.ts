/** What came back from a place that may be down: a value, or why there is none. No reading is never a good reading. */
export type Reading<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "unavailable"; readonly reason: string };

export function read<T>(value: T): Reading<T> {
  return { kind: "read", value };
}

export function unavailable<T>(reason: string): Reading<T> {
  return { kind: "unavailable", reason };
}
