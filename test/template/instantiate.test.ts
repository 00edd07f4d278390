import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ownedText } from "../../src/manifest/layouts/owned-text.ts";
import { instantiate } from "../../src/template/instantiate.ts";
import type { Instance, Template, TemplateFacts } from "../../src/template/model.ts";
import { valueOf } from "../manifest/builders.ts";
import { FACTS, own, templateIn } from "./facts.ts";

const PATH = ".tidegate/templates/own/template.yaml";

/** A template whose route has these annotations, by its lines; the first line of `parameters` is line 6. */
function written(parameters: string, spec: string): Template {
  const text = `version: 1
title: A template
summary: It is for a test.
drive: { route: HTTPRoute }
parameters:
${indented(parameters, "  ")}
objects:
  route.yaml:
    unless: routed
    object:
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: "\${route}" }
      spec:
${indented(spec, "        ")}
`;
  return templateIn(own(text), "own");
}

function indented(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by);
}

const PARAMETERS = `word: { type: text, help: A word. }
maybe: { type: text, help: Perhaps a word., default: null }
count: { type: integer, help: A number., default: 3, least: 1, most: 9 }
isOn: { type: boolean, help: A switch., default: true }
time: { type: duration, help: A time., default: 10m }
hosts: { type: hostnames, help: Some names., default: [a.example.com, b.example.com] }
mode: { type: text, help: A choice., default: soft, choices: [soft, hard] }
one: { type: name, help: A name., default: null }`;

function specOf(spec: string, given: { readonly [name: string]: string } = {}, facts: TemplateFacts = FACTS): unknown {
  const objects: Instance["objects"] = valueOf(
    instantiate(written(PARAMETERS, spec), new Map(Object.entries({ word: "w", ...given })), facts),
  ).objects;
  return objects[0]?.object["spec"];
}

describe("references in a template", () => {
  it.each([
    [
      "take a value with its type",
      'a: "${count}"\nb: "${isOn}"\nc: "${hosts}"',
      { a: 3, b: true, c: ["a.example.com", "b.example.com"] },
    ],
    ["take the text within text", 'a: "${word}-${count}/${port.number}"', { a: "w-3/80" }],
    [
      "know the facts",
      "a: ${service} ${namespace} ${target} ${port.name} ${services.canary} ${workloads.stable} ${replicas} ${route}",
      { a: "checkout shop prod http checkout-canary checkout 4 checkout" },
    ],
    ["are none where they are written twice", 'a: "$${word} costs $$5"', { a: "${word} costs $$5" }],
    ["leave out what is absent", 'a: "${maybe}"\nb: "x-${maybe}"\nc: ["${maybe}", d]\ne: f', { c: ["d"], e: "f" }],
    ["leave out what held nothing else", 'a: { b: { c: "${maybe}" } }\nd: ["${maybe}"]\ne: f', { e: "f" }],
    ["keep what is empty by itself", 'a: {}\nb: []\nc: ""', { a: {}, b: [], c: "" }],
    ["keep durations as text", 'a: "${time}"', { a: "10m" }],
    [
      "repeat an item for each value",
      'a:\n  - { for: host, in: hosts, each: { name: "${host}", at: "${service}" } }\n  - last',
      { a: [{ name: "a.example.com", at: "checkout" }, { name: "b.example.com", at: "checkout" }, "last"] },
    ],
    [
      "repeat an item for the one value, or for none",
      'a:\n  - { for: it, in: count, each: "n${it}" }\nb:\n  - { for: it, in: maybe, each: "n${it}" }\n  - c',
      { a: ["n3"], b: ["c"] },
    ],
    [
      "repeat an item for what is so alone",
      'a:\n  - { for: it, in: mode, is: soft, each: s }\n  - { for: it, in: mode, is: hard, each: h }\nb:\n  - { for: it, in: hosts, is: b.example.com, each: "${it}" }',
      { a: ["h"], b: ["b.example.com"] },
      { mode: "hard" },
    ],
    [
      "take a mapping as a value",
      'a: { matchLabels: "${selectors.canary}" }\nb: "${selectors.stable}"\nc: ["${selectors.stable}"]',
      {
        a: { matchLabels: { app: "checkout-canary" } },
        b: { app: "checkout" },
        c: [{ app: "checkout" }],
      },
    ],
    ["do not look into what they took", 'a: "${word}"', { a: "${count}" }, { word: "${count}" }],
    [
      "take what is given",
      'a: "${count}"\nb: "${isOn}"\nc: "${hosts}"\nd: "${mode}"',
      { a: 9, b: false, c: ["*.c.example.com"], d: "hard" },
      { count: "9", isOn: "false", hosts: "*.c.example.com", mode: "hard" },
    ],
  ])("%s", (_, spec, wanted, given: Readonly<Record<string, string>> = {}) => {
    expect(specOf(spec, given)).toEqual(wanted);
  });

  it("leave out what a service has no fact for", () => {
    const facts = { ...FACTS, replicas: undefined, port: { name: undefined, number: 80 }, selectors: undefined };
    const spec = 'a: "${replicas}"\nb: "${port.name}"\nc: d\ne: { matchLabels: "${selectors.canary}" }';
    expect(specOf(spec, {}, facts)).toEqual({ c: "d" });
  });

  it("never change the form of an object, whatever is given", () => {
    const texts = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((text) => /^[^\p{Cc}\p{Cf}]+$/u.test(text) && text.isWellFormed());
    fc.assert(
      fc.property(texts, (word) => {
        const template = written("word: { type: text, help: A word. }", 'a: "${word}"\nb: "x${word}"');
        const [made] = valueOf(instantiate(template, new Map([["word", word]]), FACTS)).objects;
        const read: unknown = parse(ownedText(made?.object ?? {}));
        expect(read).toMatchObject({ metadata: { name: "checkout" }, spec: { a: word, b: `x${word}` } });
      }),
    );
  });
});

describe("parameters that are given", () => {
  const refused = (given: { readonly [name: string]: string }, spec = 'a: "${count}"') => {
    const done = instantiate(written(PARAMETERS, spec), new Map(Object.entries(given)), FACTS);
    return done.kind === "err" ? done.error.map(({ path, line, message }) => `${path}:${line}: ${message}`) : [];
  };

  it.each([
    [{ wrod: "w" }, `${PATH}:1: "wrod" is unknown: did you mean word?`],
    [
      { quite: "w" },
      `${PATH}:1: "quite" is unknown: the parameters of own are word, maybe, count, isOn, time, hosts, mode, one.`,
    ],
    [{ count: "ten" }, `${PATH}:8: count must be a whole number from 1 up to 9: A number.`],
    [{ count: "10" }, `${PATH}:8: count must be a whole number from 1 up to 9: A number.`],
    [{ count: "1e0" }, `${PATH}:8: count must be a whole number from 1 up to 9: A number.`],
    [{ isOn: "yes" }, `${PATH}:9: isOn must be true or false: A switch.`],
    [{ time: "10 minutes" }, `${PATH}:10: time must be a duration such as 500ms, 90s, 10m or 2h: A time.`],
    [
      { hosts: "a.example.com,a.example.com" },
      `${PATH}:11: hosts must be at most 20 DNS names, each once: Some names.`,
    ],
    [{ hosts: "https://a.example.com" }, `${PATH}:11: hosts must be at most 20 DNS names, each once: Some names.`],
    [{ mode: "loud" }, `${PATH}:12: mode must be one of soft, hard: A choice.`],
    [{ one: "Two" }, `${PATH}:13: one must be a name of lower-case letters, digits and dashes, at most 63: A name.`],
    [{ word: "a\nb: c" }, `${PATH}:6: word must be text of at most 253 characters: A word.`],
    [{ word: "" }, `${PATH}:6: word must be text of at most 253 characters: A word.`],
  ])("are refused where they do not fit: %j", (given, message) => {
    expect(refused(given)).toEqual([message]);
  });

  it("are all looked at", () => {
    expect(refused({ count: "0", isOn: "1" })).toHaveLength(2);
  });

  it("must be there where they are needed, and only there", () => {
    expect(refused({}, 'a: "${word}"\nb: "${word}"')).toEqual([
      `${PATH}:6: word is missing: say word=<text of at most 253 characters>. A word.`,
    ]);
    expect(refused({})).toEqual([]);
    const routed = instantiate(written(PARAMETERS, 'a: "${word}"'), new Map(), { ...FACTS, isRouted: true });
    expect(routed).toMatchObject({ kind: "ok", value: { objects: [] } });
  });
});
