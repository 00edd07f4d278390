import type { Acting, Need, Repo, Store, Token } from "./store.ts";
import { HttpError, notFound } from "./http-error.ts";

export type Answer = {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request, parsed: what every handler gets. */
export type Request = {
  readonly store: Store;
  readonly params: ReadonlyMap<string, string>;
  readonly url: URL;
  readonly accept: string;
  /** The parsed JSON body; `undefined` when there was none. */
  readonly body: unknown;
};

export type TokenCall = Request & { readonly token: Token };
export type RepoCall = TokenCall & { readonly repo: Repo };

/** What a route needs, and with that what its handler gets. */
export type Route = {
  readonly method: string;
  /** `{name}` is one segment, `{name*}` any number of them. Patterns of `kind: "repo"` start after `/repos/{owner}/{repo}`. */
  readonly path: string;
  /** Counted by GitHub as creating content. */
  readonly creates?: "content";
} & (
  | { readonly kind: "app"; readonly run: (call: Request) => Answer | Promise<Answer> }
  | { readonly kind: "token"; readonly run: (call: TokenCall) => Answer | Promise<Answer> }
  | { readonly kind: "repo"; readonly needs: Need; readonly run: (call: RepoCall) => Answer | Promise<Answer> }
);

export type Match = { readonly route: Route; readonly pattern: string; readonly params: ReadonlyMap<string, string> };

/** Compiles a table of routes into a look-up by method and path; the first match wins. */
export function routerOf(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const compiled = routes.map((route) => {
    const pattern = wholePath(route);
    return { route, pattern, ...compile(pattern) };
  });
  return (method, path) => {
    for (const { route, pattern, expression, names } of compiled) {
      if (route.method !== method) continue;
      const found = expression.exec(path);
      if (found !== null)
        return { route, pattern, params: new Map(names.map((name, at) => [name, decode(found[at + 1] ?? "")])) };
    }
    return undefined;
  };
}

/** A route's path under the API's address. */
export function wholePath({ kind, path }: Route): string {
  return kind === "repo" ? `/repos/{owner}/{repo}${path}` : path;
}

/** Whose token it is, acting in the repository of a call: the App, or a person. */
export function acting({ store, repo, token }: RepoCall): Acting {
  return { store, repo, by: token.person ?? store.app.bot };
}

/** The need of a permission to read. */
export function reading(permission: string): Need {
  return { permission, level: "read" };
}

/** The need of a permission to write. */
export function writing(permission: string): Need {
  return { permission, level: "write" };
}

/** A parameter of the path; its absence is a mistake in the table. */
export function param({ params }: Request, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new Error(`The route has no {${name}}`);
  return value;
}

/** A parameter of the path that is a number; anything else is 404. */
export function numberParam(call: Request, name: string): number {
  const value = param(call, name);
  if (!/^\d{1,15}$/.test(value)) throw notFound();
  return Number(value);
}

/** 201, and where that which was made can be read. */
export function created(body: { readonly url: string }): Answer {
  return { status: 201, body, headers: { location: body.url } };
}

/** One page of a list by `per_page` and `page`, with GitHub's `Link` header. */
export function paged<T>({ url }: Request, items: readonly T[], shape: (items: readonly T[]) => object): Answer {
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get("per_page")) || 30));
  const page = Math.max(1, Number(url.searchParams.get("page")) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const wanted = items.slice((page - 1) * size, page * size);
  const links = [
    ...(page > 1 ? [link(url, page - 1, "prev"), link(url, 1, "first")] : []),
    ...(page < last ? [link(url, page + 1, "next"), link(url, last, "last")] : []),
  ];
  return { status: 200, body: shape(wanted), ...(links.length === 0 ? {} : { headers: { link: links.join(", ") } }) };
}

function link(url: URL, page: number, rel: string): string {
  const target = new URL(url);
  target.searchParams.set("page", String(page));
  return `<${target.href}>; rel="${rel}"`;
}

function compile(pattern: string): { readonly expression: RegExp; readonly names: readonly string[] } {
  const names: string[] = [];
  const source = pattern.replace(/\{(\w+)(\*?)\}/g, (_, name: string, many: string) => {
    names.push(name);
    return many === "" ? "([^/]+)" : "(.+?)";
  });
  return { expression: new RegExp(`^${source}/?$`), names };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, "Bad Request");
  }
}
