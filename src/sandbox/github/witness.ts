/** A request and what was answered to it, both as they went over the wire. */
export type ToldAnswer = {
  readonly method: string;
  /** The route's pattern, e.g. `/repos/{owner}/{repo}/pulls/{number}`. */
  readonly route: string;
  readonly query: URLSearchParams;
  /** The body of the request; empty where it had none. */
  readonly asked: string;
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the answer; empty where it has none. */
  readonly text: string;
};

/** An event as it would be delivered to a webhook. */
export type ToldDelivery = {
  readonly event: string;
  readonly action: string | undefined;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Who is told of every answer of its own that is sent whole (a fault's refusal can meet any request), and of every event once, whether a webhook is set or not. */
export type Witness = {
  readonly onAnswer: (told: ToldAnswer) => void;
  readonly onDelivery: (told: ToldDelivery) => void;
};
