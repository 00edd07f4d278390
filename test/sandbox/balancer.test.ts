import { afterEach, describe, expect, it } from "vitest";
import { startBalancer } from "../../src/sandbox/balancer.ts";
import { listen, type Listener } from "../support/listener.ts";

const NOBODY = "http://127.0.0.1:1";
const open: { readonly close: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function process(status?: number): Promise<Listener & { readonly origin: string }> {
  const listener = await listen(status);
  open.push(listener);
  return { ...listener, origin: new URL(listener.url).origin };
}

async function before(...origins: readonly string[]) {
  const balancer = await startBalancer(origins);
  open.push(balancer);
  const headers = { "x-github-event": "push" };
  return async (body: string) => (await fetch(`${balancer.url}/hooks`, { method: "POST", headers, body })).status;
}

describe("a balancer", () => {
  it("hands requests to the processes in turn, as they are", async () => {
    const [one, other] = [await process(), await process()];
    const post = await before(one.origin, other.origin);
    for (const body of ["1", "2", "3", "4"]) expect(await post(body)).toBe(202);
    expect([one, other].map(({ heard }) => heard.map(({ event, body }) => `${event} ${body}`))).toEqual([
      ["push 1", "push 3"],
      ["push 2", "push 4"],
    ]);
  });

  it("asks the next one where one is not there or refuses, and no other where one has answered", async () => {
    const [refusing, failing, well] = [await process(503), await process(500), await process()];
    const post = await before(NOBODY, refusing.origin, failing.origin, well.origin);
    expect(await post("1")).toBe(500);
    expect([refusing, failing, well].map(({ heard }) => heard.length)).toEqual([1, 1, 0]);
  });

  it("refuses where nobody takes it", async () => {
    const post = await before(NOBODY, (await process(503)).origin);
    expect(await post("1")).toBe(503);
  });
});
