/** Why webhooks are not welcome now, in one line; undefined where they are. */
export type Unready = () => string | undefined;

export type Health = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What `/healthz` and `/readyz` answer; undefined for any other path. */
export function healthAt(path: string, unready: Unready): Health | undefined {
  // It answers, so it lives: what it waits for would not come sooner by starting it again.
  if (path === "/healthz") return { status: 200, text: "ok" };
  if (path !== "/readyz") return undefined;
  const why = unready();
  return why === undefined ? { status: 200, text: "ready" } : notReady(why);
}

/** The answer where something is missing that comes by itself. */
export function notReady(why: string): Health {
  return { status: 503, text: why, headers: { "retry-after": "30" } };
}
