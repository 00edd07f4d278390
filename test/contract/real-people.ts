import { z } from "zod";

import type { RealService } from "./real-service.ts";

/** A person who asks GitHub over HTTP, and no faster than GitHub advises. */
export type RealPerson = {
  readonly token: string;
  readonly login: string;
  /** Throws with GitHub's words where it refuses; undefined where there is no such thing. */
  readonly ask: (method: string, path: string, body?: object) => Promise<unknown>;
};

/** Who takes part, by the part they play; asked for their logins once. */
export async function realPeople(service: RealService): Promise<ReadonlyMap<string, RealPerson>> {
  const people = [...service.people].map(async ([name, token]): Promise<[string, RealPerson]> => {
    const ask = asking(service, token);
    const { login } = z.object({ login: z.string() }).parse(await ask("GET", "/user"));
    return [name, { token, login, ask }];
  });
  return new Map(await Promise.all(people));
}

function asking({ api, clock, gapMs }: RealService, token: string): RealPerson["ask"] {
  return async (method, path, body) => {
    if (method !== "GET") await clock.sleep(gapMs);
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "tidegate-contract",
      "x-github-api-version": "2022-11-28",
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${api}${path}`, { method, headers, ...content });
    const text = await answer.text();
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    const said: unknown = text === "" ? undefined : JSON.parse(text);
    return said;
  };
}
