/** What configuration may say of one text: why a text is refused, a sentence's end; undefined where it is taken. */
export type TextForm = {
  readonly fault: (text: string) => string | undefined;
  /** Taken where nothing is written; without it the text must be written. */
  readonly otherwise?: string;
};

/**
 * What configuration says of a provider that is asked for counts, as data: nobody but the provider's own file knows more of it.
 * `url`: its usual address, where it has one. `secrets`: values that only the operator has. `options`: texts that are no secrets.
 * `counts`: how a query for a number of requests is written. `arms`: where the arms are told apart, the queries or one of the options.
 */
export type ProviderForm = {
  readonly url?: string;
  /** After the end of a window, until its counts have arrived (milliseconds), unless configuration says otherwise. */
  readonly settleMs: number;
  readonly secrets: Readonly<Record<string, "needed" | "optional">>;
  readonly options: Readonly<Record<string, TextForm>>;
  readonly counts: TextForm;
  readonly arms: "counts" | { readonly option: string };
};

/** The forms by the key that stands in configuration. */
export type ProviderForms = Readonly<Record<string, ProviderForm>>;
