import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../src/sandbox/github/fault-catalogue.ts";
import type { FaultName } from "../../../src/sandbox/github/fault-catalogue.ts";
import type { FaultRequest } from "../../../src/sandbox/github/faults.ts";
import { canMeet, injector } from "../../../src/sandbox/github/injector.ts";
import type { Rule } from "../../../src/sandbox/github/injector.ts";

const REPO = "/repos/{owner}/{repo}";

function request(method: string, route: string, isRemembered = false): FaultRequest {
  return { method, route, path: route, host: "127.0.0.1:80", body: undefined, isRemembered };
}

const LIST = request("GET", `${REPO}/pulls`);
const OPEN = request("POST", `${REPO}/pulls`);
const PULL = request("GET", `${REPO}/pulls/{number}`);
const MERGE = request("PUT", `${REPO}/pulls/{number}/merge`);
const FETCH = request("POST", "/{owner}/{repo}.git/git-upload-pack");
const PUSH = request("POST", "/{owner}/{repo}.git/git-receive-pack");

/** What each of some requests met. */
function met(rules: readonly Rule[], requests: readonly FaultRequest[], random = () => 0) {
  const { hook, tally } = injector(rules, random);
  for (const one of requests) void hook(one);
  return tally();
}

describe("a rule", () => {
  it("aims by method and by the end of the route", () => {
    const rule: Rule = { aim: { method: "POST", route: "/pulls" }, kind: "each", fault: "errorBefore" };
    expect(met([rule], [LIST, OPEN, OPEN, PUSH])).toEqual([
      { call: `POST ${REPO}/pulls`, fault: "errorBefore", times: 2 },
    ]);
  });

  it("gives its faults in order, each to the first request that can meet it, and then none", () => {
    const faults = ["expiredToken", "none", "baseModified", "staleRead"] as const;
    const requests = [LIST, MERGE, OPEN, MERGE, LIST, { ...LIST, isRemembered: true }, MERGE];
    expect(met([{ aim: {}, kind: "order", faults }], requests)).toEqual([
      { call: `GET ${REPO}/pulls`, fault: "expiredToken", times: 1 },
      { call: `GET ${REPO}/pulls`, fault: "staleRead", times: 1 },
      { call: `PUT ${REPO}/pulls/{number}/merge`, fault: "baseModified", times: 1 },
    ]);
  });

  it("by chance takes one of the faults that the request can meet", () => {
    const rule: Rule = { aim: {}, kind: "chance", faults: ["baseModified", "truncatedList"], probability: 0.5 };
    const low = met([rule], [LIST, MERGE, OPEN], () => 0.4);
    expect(low.map(({ fault }) => fault)).toEqual(["truncatedList", "baseModified"]);
    expect(met([rule], [LIST, MERGE, OPEN], () => 0.5)).toEqual([]);
  });

  it("is passed over for the next one when it has nothing for a request", () => {
    const rules: readonly Rule[] = [
      { aim: { route: "/merge" }, kind: "each", fault: "baseModified" },
      { aim: {}, kind: "each", fault: "unavailable" },
    ];
    expect(met(rules, [MERGE, LIST]).map(({ fault }) => fault)).toEqual(["unavailable", "baseModified"]);
  });
});

const CAN: readonly (readonly [FaultName, readonly FaultRequest[]])[] = [
  ["errorBefore", [LIST, OPEN, PULL, MERGE, FETCH, PUSH]],
  ["errorAfter", [OPEN, MERGE, PUSH]],
  ["contentLimit", [OPEN, MERGE]],
  ["unprocessable", [OPEN, MERGE]],
  ["baseModified", [MERGE]],
  ["mergeableNull", [PULL, MERGE]],
  ["truncatedList", [LIST, PULL]],
  ["staleRead", []],
  ["graphqlErrors", []],
];

it.each(CAN)("%s can happen to these requests and no others", (name, wanted) => {
  const entry = FAULTS.find((one) => one.name === name) ?? { name, on: "nothing" as const };
  expect([LIST, OPEN, PULL, MERGE, FETCH, PUSH].filter((one) => canMeet(entry, one))).toEqual(wanted);
});

it("counts exactly what it injects, for whatever rules and requests", () => {
  const names = fc.constantFrom(...FAULTS.map(({ name }) => name));
  const rule = fc.record({
    faults: fc.array(names, { minLength: 1 }),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const requests = fc.array(fc.constantFrom(LIST, OPEN, PULL, MERGE, FETCH, PUSH, { ...PULL, isRemembered: true }));
  fc.assert(
    fc.property(rule, requests, fc.array(fc.double({ min: 0, max: 0.999, noNaN: true })), (one, asked, chances) => {
      const left = [...chances];
      const { hook, tally } = injector([{ aim: {}, kind: "chance", ...one }], () => left.shift() ?? 0.5);
      const injected = asked.filter((request) => hook(request) !== undefined).length;
      expect(tally().reduce((sum, { times }) => sum + times, 0)).toBe(injected);
      expect(tally().every(({ fault }) => one.faults.includes(fault))).toBe(true);
    }),
  );
});
