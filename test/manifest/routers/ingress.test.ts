import { describe, expect, it } from "vitest";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { OF, on as onRouter } from "./routed.ts";

const { get, set, whyNot, whyNotSet } = onRouter(ROUTERS.Ingress);
const NGINX = "nginx.ingress.kubernetes.io";

const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout-canary
  annotations:
    ${NGINX}/canary: "true"
    ${NGINX}/canary-weight: "25"
spec:
  rules:
    - http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: checkout-canary, port: { number: 80 } } } }
`;
const MAIN = INGRESS.replaceAll("checkout-canary", "checkout-stable")
  .replace(/ {4}nginx.*\/canary: .*\n/, "")
  .replace("canary-weight", "affinity")
  .replace('"25"', "cookie");
const annotated = (...lines: readonly string[]) =>
  INGRESS.replace("spec:", () => `${lines.map((line) => `    ${NGINX}/${line}`).join("\n")}\nspec:`);

describe("a canary Ingress", () => {
  it("says the share as text, and is none of the weight that the others have", () => {
    expect(get(INGRESS)).toBe(25);
    expect(set(INGRESS, 5)).toBe(INGRESS.replace('"25"', '"5"'));
  });

  it("without a share gets nothing by weight, and is given one behind what makes it a canary", () => {
    const text = INGRESS.replace(/.*canary-weight.*\n/, "");
    expect(get(text)).toBe(0);
    expect(set(text, 0)).toBe(text);
    expect(set(text, 25)).toBe(INGRESS);
  });

  it("may have another total, which stays", () => {
    const text = annotated('canary-weight-total: "200"').replace('"25"', '"50"');
    expect(get(text)).toBe(25);
    expect(set(text, 1)).toBe(text.replace('"50"', '"2"'));
    const small = text.replace('"200"', '"10"').replace('"50"', '"5"');
    expect(whyNotSet(small, 25)).toBe(
      'route.yaml:8: found a total of 10 in Ingress "checkout-canary"; 25% cannot be written in it.',
    );
  });

  it("is found by whatever prefix its annotations have", () => {
    const text = INGRESS.replaceAll(NGINX, "edge.example.com");
    expect(set(text, 5)).toBe(text.replace('"25"', '"5"'));
  });

  it.each(["canary-by-header: x-canary", "canary-by-cookie: canary", 'canary-by-header-value: "42"'])(
    "may let requests ask for an arm: %s",
    (line) => {
      expect(get(annotated(line))).toBe(25);
    },
  );

  it("may leave sessions where they are only as long as the weight lasts", () => {
    const legacy = annotated("affinity-canary-behavior: legacy");
    expect(get(`${legacy}---\n${MAIN}`)).toBe(25);
    expect(whyNot(`${INGRESS}---\n${MAIN}`)).toBe(
      `route.yaml:19: found ${NGINX}/affinity; sessions stay with the canary at weight 0; Ingress "checkout-canary" needs ${NGINX}/affinity-canary-behavior: legacy.`,
    );
    expect(whyNot(annotated("affinity: cookie"))).toContain("sessions stay with the canary");
    expect(get(`${INGRESS}---\n${MAIN.replaceAll("checkout-stable", "basket")}`)).toBe(25);
  });

  it("stands beside those of others", () => {
    const others = `${INGRESS.replaceAll("checkout-canary", "basket-canary")}---\n${INGRESS.replace("kind: Ingress", "kind: Other")}---\n`;
    expect(set(others + INGRESS, 5)).toBe(others + INGRESS.replace('"25"', '"5"'));
  });
});

const { testers } = ROUTERS.Ingress;
const tested = (text: string) => testers?.read({ path: "route.yaml", text }, OF);
const turnedOn = (text: string) => testers?.set({ path: "route.yaml", text }, OF);

describe("testers of a canary Ingress", () => {
  const known = annotated("canary-by-header: Cookie", String.raw`canary-by-header-pattern: ".^(.*\\s)?staff=1\\b"`);
  const off = (weight: number) => known.replace('"25"', `"${weight}"`);
  const on = off(0).replace('".^', '"^^');

  it("have the canary by a pattern that is switched on, and go by the weight when it is off", () => {
    for (const weight of [0, 25, 100]) {
      expect([get(off(weight)), tested(off(weight))]).toEqual([weight, { kind: "ok", value: false }]);
      expect(turnedOn(off(weight))).toEqual({ kind: "ok", value: on });
      expect(set(on, weight)).toBe(off(weight));
    }
    expect([get(on), tested(on)]).toEqual([0, { kind: "ok", value: true }]);
    expect(turnedOn(on)).toEqual({ kind: "ok", value: on });
  });

  it("are met by nothing while the pattern is off, and by what it says while it is on", () => {
    const patternIn = (text: string) => /pattern: "(.*)"/.exec(text)?.[1]?.replaceAll("\\\\", "\\") ?? "";
    const cookies = ["staff=1", "a=b; staff=1", "x^staff=1", ".^staff=1", "", "staff=2"];
    const met = (text: string) => cookies.filter((cookie) => new RegExp(patternIn(text)).test(cookie));
    expect(met(off(0))).toEqual([]);
    expect(met(on)).toEqual(["staff=1", "a=b; staff=1"]);
  });

  it("are switched in every Ingress that knows them, beside those that do not", () => {
    const second = (text: string) => text.replace("name: checkout-canary", "name: second");
    const [before, after] = [off(25), on].map((text) => `${text}---\n${second(text)}`);
    const plain = second(INGRESS);
    expect(turnedOn(before ?? "")).toEqual({ kind: "ok", value: after });
    expect(set(after ?? "", 25)).toBe(before);
    expect(turnedOn(`${off(25)}---\n${plain}`)).toEqual({
      kind: "ok",
      value: `${on}---\n${plain.replace('"25"', '"0"')}`,
    });
    expect(whyNot(`${off(0)}---\n${second(on)}`)).toContain(
      'testers of "^^(.*\\s)?staff=1\\b" at 0% in Ingress "second"',
    );
  });

  it.each([
    ["'.^yes$' # off", "'^^yes$' # off"],
    ["&a .^yes$", undefined],
    ["|-\n      .^yes$", "|-\n      ^^yes$"],
    [String.raw`"\x2e^y\x65s$"`, '"^^yes$"'],
  ])("are switched however the pattern is spelled: %s", (spelled, expected) => {
    const text = (pattern: string) =>
      annotated("canary-by-header: x-tester", `canary-by-header-pattern: ${pattern}`).replace('"25"', '"0"');
    const done = turnedOn(text(spelled));
    if (expected === undefined) expect(done).toMatchObject({ kind: "err", error: { found: "an anchor" } });
    else expect(done).toEqual({ kind: "ok", value: text(expected) });
  });

  it("have no weight beside them", () => {
    expect(whyNot(on.replace('weight: "0"', 'weight: "5"'))).toBe(
      'route.yaml:9: found testers of "^^(.*\\s)?staff=1\\b" at 5% in Ingress "checkout-canary"; while they have the canary alone its weight is 0, in every canary Ingress that knows them.',
    );
  });

  it.each([
    ["^^yes$", true],
    ["^^(yes|1)$", true],
    [".^(?i)yes", true],
    ["^yes$", false],
    ["yes", false],
    ["..yes$", false],
    ["^^yes|1$", false],
    [".^*yes$", false],
    [".^?yes$", false],
    [".^{0}yes$", false],
    [".^(yes)|(1)$", false],
    ["", false],
  ])("are those of a pattern with a switch: %s", (pattern, isKnown) => {
    const text = annotated("canary-by-header: x-tester", `canary-by-header-pattern: "${pattern}"`);
    expect(tested(text.replace('"25"', '"0"'))).toMatchObject({ value: isKnown ? pattern.startsWith("^") : undefined });
  });

  it.each([
    ["no header", "canary-by-header-pattern: .^yes$"],
    [
      "a value, before which no pattern counts",
      "canary-by-header: a",
      "canary-by-header-value: b",
      "canary-by-header-pattern: .^yes$",
    ],
    ["a header that everybody has", "canary-by-header: Host", "canary-by-header-pattern: .^yes$"],
  ])("are none with %s", (_, ...lines) => {
    const text = annotated(...lines);
    expect(tested(text)).toEqual({ kind: "ok", value: undefined });
    expect(turnedOn(text)).toMatchObject({ kind: "err", error: { found: "no rule for testers" } });
  });
});

describe("a canary Ingress that is refused", () => {
  it.each([
    ["none", INGRESS.replace("kind: Ingress", "kind: Service"), 1, "no Ingress"],
    [
      "another namespace",
      INGRESS.replace("name: checkout-canary\n", "name: checkout-canary\n  namespace: other\n"),
      1,
      'the namespace "other"',
    ],
    ["not for a canary", INGRESS.replace('"true"', '"false"'), 1, "no canary Ingress of checkout-canary"],
    ["no annotations", INGRESS.replace(/ {2}annotations:\n.*\n.*\n/, ""), 1, `annotated ${NGINX}/canary: "true"`],
    [
      "another Service's",
      INGRESS.replace("service: { name: checkout-canary", "service: { name: basket"),
      1,
      "no canary Ingress of checkout-canary",
    ],
    [
      "no Service's",
      INGRESS.replace(
        "{ service: { name: checkout-canary, port: { number: 80 } } }",
        "{ resource: { kind: Bucket, name: b } }",
      ),
      1,
      "no canary Ingress",
    ],
    [
      "two backends",
      `${INGRESS}          - { path: /v2, backend: { service: { name: basket } } }\n`,
      13,
      'the backend "basket" beside checkout-canary',
    ],
    [
      "a truth value",
      INGRESS.replace('"true"', "true"),
      6,
      `found "true"; ${NGINX}/canary is text: it stands in quotes`,
    ],
    ["neither true nor false", INGRESS.replace('"true"', '"yes"'), 6, `${NGINX}/canary is "true" or "false"`],
    [
      "a number",
      INGRESS.replace('"25"', "25"),
      7,
      'found "25"; nginx.ingress.kubernetes.io/canary-weight is text: it stands in quotes',
    ],
    ["no number", INGRESS.replace('"25"', '"a quarter"'), 7, 'found "a quarter"'],
    ["a number in another way", INGRESS.replace('"25"', '"025"'), 7, 'found "025"'],
    ["nothing", INGRESS.replace('"25"', '""'), 7, 'found ""'],
    ["more than all", INGRESS.replace('"25"', '"101"'), 7, "a weight of 101 of 100"],
    ["no whole per cent", annotated('canary-weight-total: "1000"'), 7, "a weight of 25 of 1000"],
    ["a total of nothing", annotated('canary-weight-total: "0"'), 7, "a weight of 25 of 0"],
    [
      "two that disagree",
      `${INGRESS}---\n${INGRESS.replace('"25"', '"5"').replace("name: c", "name: other-c")}`,
      20,
      '5% in Ingress "other-checkout-canary" and 25% in Ingress "checkout-canary"',
    ],
    [
      "two prefixes",
      INGRESS.replace("spec:", '    edge.example.com/canary: "true"\nspec:'),
      8,
      `${NGINX}/canary and edge.example.com/canary`,
    ],
    ["a template", INGRESS.replace('"25"', "{{ .Values.weight | quote }}"), 7, "(a template?)"],
    ["an anchor", INGRESS.replace('"25"', '&w "25"'), 7, "found an anchor"],
    [
      "annotations by a merge key",
      INGRESS.replace("annotations:\n", "annotations:\n    <<: { a: b }\n"),
      6,
      "found a merge key",
    ],
  ])("%s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`route.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
    expect(whyNotSet(text, 0)).toBe(whyNot(text));
  });
});
