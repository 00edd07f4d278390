declare const brand: unique symbol;

/** A value whose rule has been checked once; only the file that owns the rule mints it. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
