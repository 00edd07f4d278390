/** A value, or why there is none, as data. */
export type Result<T, E> = { readonly kind: "ok"; readonly value: T } | { readonly kind: "err"; readonly error: E };

export function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}

export function err<E>(error: E): { readonly kind: "err"; readonly error: E } {
  return { kind: "err", error };
}
