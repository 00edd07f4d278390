/** What goes beside a message; never a payload, never a secret. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the running program says what it does: a fixed message, and the facts beside it as fields. */
export type Log = {
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
};
