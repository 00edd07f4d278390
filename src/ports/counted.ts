/** A provider that is asked for numbers of requests by configured queries, secrets already resolved. */
export type CountedSettings = {
  readonly kind: "counted";
  /** Which provider, by the key that stands in configuration. */
  readonly by: string;
  /** http or https, without credentials, query or fragment; a path is a prefix. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Queries for all requests and for the failed ones of an arm; placeholders of core/placeholders.ts are filled in. */
  readonly counts: { readonly total: string; readonly failed: string };
  /** For one query, answer included. */
  readonly timeoutMs: number;
  /** Of one answer, decompressed. */
  readonly maxBytes: number;
};
