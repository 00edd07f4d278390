import { describe, expect, it } from "vitest";
import { problemText } from "../../src/config/document.ts";
import { instantiate } from "../../src/template/instantiate.ts";
import { isOwnTemplate, libraryOf } from "../../src/template/library.ts";
import { shippedTemplates } from "../../src/operator/shipped-templates.ts";
import { valueOf } from "../manifest/builders.ts";
import { FACTS, file, own, templateIn } from "./facts.ts";

const ROUTE = `  route.yaml:
    unless: routed
    object:
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: "\${route}" }
`;
const HEAD = `version: 1
title: A template
summary: It is for a test.
`;
const WHOLE = `${HEAD}drive: { route: HTTPRoute }
parameters:
  word: { type: text, help: A word. }
objects:
${ROUTE}`;

function said(text: string): readonly string[] {
  return own(text)
    .problems.map(problemText)
    .map((one) => one.replace(".tidegate/templates/own/template.yaml:", ""));
}

describe("a template", () => {
  it("is found by its folder", () => {
    expect(own(WHOLE, "my-own").templates.get("my-own")).toMatchObject({
      name: "my-own",
      title: "A template",
      drive: { kind: "route", router: "HTTPRoute" },
      parameters: [{ name: "word", type: "text", default: { kind: "required" } }],
      plan: { steps: undefined, bake: undefined, gates: undefined },
      files: [".tidegate/templates/my-own/template.yaml"],
    });
    expect(own(WHOLE, "my-own").problems).toEqual([]);
  });

  it("says a plan in the words of the configuration", () => {
    const text = `${WHOLE}plan:\n  steps: [10, 50]\n  bake: 15m\n  gates: { errors: { tolerance: 1.5 }, latency: off }\n`;
    expect(templateIn(own(text), "own").plan).toEqual({
      steps: [10, 50],
      bake: 900_000,
      gates: { errors: { tolerance: 1.5 }, latency: "off" },
    });
  });

  it.each([
    [
      "lacks what it must have",
      "version: 1\n",
      ["1: title is missing.", "1: summary is missing.", "1: drive must be { route: <kind> }"],
    ],
    ["has a key that is unknown", `${WHOLE}plans: {}\n`, ["14: plans is unknown: did you mean plan?"]],
    [
      "has an unknown key in a parameter",
      WHOLE.replace("help: A word.", "help: A word., defualt: a"),
      ["6: parameters.word.defualt is unknown: did you mean default?"],
    ],
    [
      "has an unknown key in an object's entry",
      WHOLE.replace("unless: routed", "unles: routed"),
      ["9: objects.route.yaml.unles is unknown: did you mean unless?"],
    ],
    [
      "has a Rollout drive what leads to no Deployment",
      WHOLE.replace("route: HTTPRoute }", "rollout: KnativeRoute }"),
      ["4: drive must be { route: <kind> }"],
    ],
    ["drives what no router can", WHOLE.replace("HTTPRoute }", "Canary }"), ["4: drive must be { route: <kind> }"]],
    [
      "drives another controller's Canary",
      WHOLE.replace("route: HTTPRoute }", "canary: other }"),
      ["4: drive must be { route: <kind> }"],
    ],
    [
      "makes objects for a Canary that is there",
      WHOLE.replace("route: HTTPRoute }", "canary: flagger }"),
      ["4: has objects beside it: the Canary is there, and nothing is made."],
    ],
    [
      "has a default of another type",
      WHOLE.replace("type: text, help: A word.", "type: integer, help: A number., default: ten"),
      ["6: parameters.word has a default that does not fit: it must be a whole number."],
    ],
    [
      "has a default that is no choice",
      WHOLE.replace("help: A word.", "help: A word., default: c, choices: [a, b]"),
      ["6: parameters.word has a default that does not fit: it must be one of a, b."],
    ],
    [
      "has choices of numbers",
      WHOLE.replace("type: text", "type: integer, choices: ['1']"),
      ["6: parameters.word has choices, which only text has."],
    ],
    [
      "has bounds of text",
      WHOLE.replace("type: text", "type: text, least: 1"),
      ["6: parameters.word has bounds, which only an integer has."],
    ],
    [
      "has a parameter called like a fact",
      WHOLE.replace("word:", "replicas:"),
      ["6: parameters.replicas is called like a fact of the service."],
    ],
    [
      "refers to what is not there",
      WHOLE.replace("${route}", "${rout}"),
      ['13: refers to "rout", which is unknown: did you mean route?'],
    ],
    [
      "does not close a reference",
      WHOLE.replace('"${route}"', '"${route"'),
      ['13: has a reference that is not closed in "${route": "$${" is a literal one.'],
    ],
    [
      "refers to something in a part of a key",
      WHOLE.replace("{ name:", '{ labels: { "${word}-x": a }, name:'),
      ['13: has the key "${word}-x": a key has no reference, or is one alone.'],
    ],
    [
      "has a key that is not there",
      WHOLE.replace("{ name:", '{ labels: { "${wort}": a }, name:'),
      ['13: has a key of "wort", which is unknown: did you mean word?'],
    ],
    [
      "has a list as a key",
      WHOLE.replace("type: text", "type: hostnames").replace("{ name:", '{ labels: { "${word}": a }, name:'),
      ['13: has the list "word" as a key.'],
    ],
    [
      "has a list within text",
      WHOLE.replace("type: text", "type: hostnames").replace("${route}", "x-${word}"),
      ['13: has the list "word" within text'],
    ],
    [
      "has a mapping within text",
      WHOLE.replace("${route}", "x-${selectors.canary}"),
      ['13: has the mapping "selectors.canary" within text: it stands alone.'],
    ],
    [
      "has a mapping as a key",
      WHOLE.replace("{ name:", '{ labels: { "${selectors.stable}": a }, name:'),
      ['13: has the mapping "selectors.stable" as a key.'],
    ],
    [
      "repeats a mapping",
      WHOLE.replace("{ name:", '{ a: [{ for: x, in: selectors.stable, each: "${x}" }], name:'),
      ['13: repeats the mapping "selectors.stable".'],
    ],
    [
      "refers to labels that both arms of a Rollout have",
      `${HEAD}drive: { rollout: pods }\nobjects:\n${ROUTE.replace("route.yaml", "rollout.yaml").replace("kind: HTTPRoute", "kind: Rollout").replace("    unless: routed\n", "").replace("{ name:", '{ labels: "${selectors.canary}", name:')}      spec: { strategy: { canary: {} } }\n`,
      [
        '10: refers to "selectors.canary", which is absent where a Rollout runs the pods: those of both arms have the same labels.',
      ],
    ],
    [
      "repeats for a choice that is none",
      WHOLE.replace("type: text", "type: text, choices: [soft, hard]").replace(
        "{ name:",
        '{ a: [{ for: x, in: word, is: sfot, each: "${x}" }], name:',
      ),
      ['13: asks for "sfot", which is unknown: did you mean soft?'],
    ],
    [
      "repeats within what is repeated",
      WHOLE.replace("{ name:", '{ a: [{ for: x, in: word, each: [{ for: y, in: word, each: "${y}" }] }], name:'),
      ["13: repeats within what is repeated."],
    ],
    [
      "repeats for a name that is taken",
      WHOLE.replace("{ name:", '{ a: [{ for: word, in: word, each: "${word}" }], name:'),
      ['13: repeats for "word": it must be a new name of letters and digits.'],
    ],
    [
      "repeats what is not there",
      WHOLE.replace("{ name:", '{ a: [{ for: x, in: wort, each: "${x}" }], name:'),
      ["13: repeats what is unknown: did you mean word?"],
    ],
    [
      "repeats by other words",
      WHOLE.replace("{ name:", "{ a: [{ for: x, in: word, eahc: y }], name:"),
      [
        "13: repeats by something else than { for: <a new name>, in: <a name>, each: <what> }, perhaps with is: <text>.",
      ],
    ],
    [
      "is made when something unknown is given",
      `${WHOLE}  a.yaml:\n    when: [wort]\n    object: { apiVersion: v1, kind: A, metadata: { name: a } }\n`,
      ['15: asks whether "wort" is given, which is unknown: did you mean word?'],
    ],
    [
      "takes a file of opting in's own",
      `${WHOLE}  stable.yaml:\n    object: { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }\n`,
      ["14: is called stable.yaml, which is a file of opting in's own."],
    ],
    [
      "has a file that is no name",
      WHOLE.replace("route.yaml", "../route.yaml"),
      ["8: objects.../route.yaml must be the name of a file such as route.yaml."],
    ],
    [
      "has an object without a kind",
      `${WHOLE}  a.yaml:\n    object: { apiVersion: v1, metadata: { name: a } }\n`,
      ["15: has no kind that is plain text."],
    ],
    [
      "has an object without a name",
      `${WHOLE}  a.yaml:\n    object: { apiVersion: v1, kind: A, metadata: {} }\n`,
      ["15: has no metadata.name that is text."],
    ],
    [
      "lacks what holds the weight",
      `${HEAD}drive: { route: VirtualService }\nobjects:\n${ROUTE}`,
      ['4: needs objects.route.yaml, of the kind VirtualService, with "unless: routed": it holds the weight.'],
    ],
    [
      "lacks its Rollout",
      `${HEAD}drive: { rollout: pods }\nobjects:\n${ROUTE}`,
      ["4: needs objects.rollout.yaml, the only Rollout, which is always made."],
    ],
    [
      "has a Rollout of another strategy than it says",
      `${HEAD}drive: { rollout: blue-green }
objects:
  rollout.yaml: { object: { apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: a }, spec: { strategy: { canary: {} } } } }
`,
      ["4: needs spec.strategy.blueGreen in its Rollout, which is what the controller goes by."],
    ],
    [
      "has an anchor",
      WHOLE.replace("A word.", "&a A word."),
      ["6: found an anchor; a place that is read and edited is written out plainly."],
    ],
    [
      "has a wrong plan",
      `${WHOLE}plan: { steps: [50, 10], bake: soon }\n`,
      ["14: plan.steps must rise.", "14: plan.bake must be a duration such as"],
    ],
    ["has no text at all", "", ["1: found nothing; "]],
  ])("that %s is refused with the line", (_, text, messages) => {
    const all = said(text);
    expect(all.map((one, at) => one.slice(0, messages[at]?.length ?? 0))).toEqual(messages);
  });
});

describe("a template that extends another", () => {
  const extending = (more: string) => `${HEAD}extends: canary-istio\n${more}`;

  it("has all that the other has, and its own over it", () => {
    const { parameters, objects, plan, drive, title, files } = templateIn(
      own(
        extending(`parameters:
  gateway: { default: mesh/public }
  timeout: { type: duration, help: How long a request may take., default: 3s }
objects:
  destination-rule.yaml: null
  destination-rule-canary.yaml: null
  route.yaml:
    object:
      metadata: { labels: { team: shop } }
      spec:
        gateways: ["\${gateway}"]
plan: { bake: 30m }
`),
      ),
      "own",
    );
    expect(title).toBe("A template");
    expect(drive).toEqual({ kind: "route", router: "VirtualService" });
    expect(parameters.map(({ name }) => name)).toEqual([
      "gateway",
      "hostnames",
      "tls",
      "locality",
      "ejectAfter",
      "timeout",
    ]);
    expect(parameters[0]).toMatchObject({ type: "text", default: { kind: "value", value: "mesh/public" } });
    expect(objects.map(({ file: at }) => at)).toEqual(["route.yaml"]);
    expect(plan).toMatchObject({ steps: [5, 25, 50], bake: 1_800_000 });
    expect(files).toEqual([".tidegate/templates/own/template.yaml", "templates/canary-istio/template.yaml"]);
  });

  it("makes the other's objects with what it lays over them", () => {
    const text = extending(
      "objects:\n  route.yaml: { object: { metadata: { labels: { team: shop } }, spec: { gateways: null } } }\n",
    );
    const [route] = valueOf(instantiate(templateIn(own(text), "own"), new Map(), FACTS)).objects;
    expect(route?.object).toMatchObject({ metadata: { name: "checkout", labels: { team: "shop" } } });
    expect(route?.object["spec"]).not.toHaveProperty("gateways");
  });

  it.each([
    [
      "is not there",
      extending("").replace("canary-istio", "canary-isto"),
      ['4: extends "canary-isto", which is unknown: did you mean canary-istio?'],
    ],
    [
      "is itself",
      extending("").replace("canary-istio", "own"),
      ["4: extends own, which leads back to itself: own → own."],
    ],
    ["is several", extending("").replace("canary-istio", "[a, b]"), ["4: extends must be the name of one template."]],
  ])("which %s is refused", (_, text, messages) => {
    expect(said(text)).toEqual(messages);
  });

  it("is refused where the chain comes back to it, or is too long", () => {
    const chain = (names: readonly string[], last: string) =>
      names.map((name, at) => file(name, `${HEAD}extends: ${names[at + 1] ?? last}\n`));
    const around = libraryOf(shippedTemplates(), chain(["a", "b", "c"], "b"));
    expect(around.problems.map(problemText)).toEqual([
      ".tidegate/templates/c/template.yaml:4: extends b, which leads back to itself: a → b → c → b.",
      ".tidegate/templates/c/template.yaml:4: extends b, which leads back to itself: b → c → b.",
      ".tidegate/templates/b/template.yaml:4: extends c, which leads back to itself: c → b → c.",
    ]);
    expect([...around.templates.keys()]).not.toContain("a");
    const long = libraryOf(shippedTemplates(), chain(["a", "b", "c", "d", "e"], "canary-istio"));
    expect(long.problems.map(problemText)).toEqual([
      ".tidegate/templates/e/template.yaml:4: extends canary-istio, and with it more than 5 files make one template: a → b → c → d → e → canary-istio.",
    ]);
    expect(["a", "b", "c", "d", "e"].filter((name) => long.templates.has(name))).toEqual(["b", "c", "d", "e"]);
  });

  it.each([...libraryOf(shippedTemplates(), []).templates.keys()])(
    "says all that %s says where it says nothing itself",
    (name) => {
      const [own, base] = [`${HEAD}extends: ${name}\n`, templateIn(libraryOf(shippedTemplates(), []), name)];
      const { drive, objects, parameters, plan } = templateIn(libraryOf(shippedTemplates(), [file("own", own)]), "own");
      expect({ drive, objects, parameters, plan }).toEqual({
        drive: base.drive,
        objects: base.objects,
        parameters: base.parameters,
        plan: base.plan,
      });
    },
  );

  it("takes nothing away that is not there", () => {
    expect(
      said(extending("objects:\n  rout.yaml: null\n  route.yaml: { object: { spec: { hots: null } } }\n")),
    ).toEqual([
      "6: rout.yaml is taken away, and nothing that is extended says it.",
      "7: hots is taken away, and nothing that is extended says it.",
    ]);
  });

  it("is told what is wrong where it is written, in whichever file", () => {
    const library = libraryOf(shippedTemplates(), [
      file("base", WHOLE.replace("${route}", "${word}x${wort}")),
      file("own", `${HEAD}extends: base\nparameters: { wort: { type: text, help: Another. } }\n`),
    ]);
    expect(library.problems.map(problemText)).toEqual([
      '.tidegate/templates/base/template.yaml:13: refers to "wort", which is unknown: did you mean word?',
    ]);
    expect(library.templates.has("own")).toBe(true);
  });
});

describe("files that mean no good", () => {
  const deep = (levels: number) => `${"{ a: ".repeat(levels)}b${" }".repeat(levels)}`;
  const route = (spec: string) =>
    WHOLE.replace('metadata: { name: "${route}" }', `metadata: { name: a }\n      spec: ${spec}`);

  it.each([
    ["a large one", `${WHOLE}# ${"x".repeat(300_000)}\n`, "found 300"],
    ["a deep one", route(deep(30)), "found collections nested too deeply"],
    ["two documents", `${WHOLE}---\n${WHOLE}`, "found a second document"],
    ["a key twice", `${WHOLE}title: Another\n`, 'found the key "title" twice'],
    [
      "many parameters",
      WHOLE.replace(
        /^ {2}word:.*$/m,
        Array.from({ length: 51 }, (_, at) => `  p${at}: { type: text, help: One. }`).join("\n"),
      ),
      "parameters must have at most 50.",
    ],
  ])("are refused: %s", (_, text, message) => {
    const [problem, ...others] = own(text).problems;
    expect(problem?.message.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });

  it("take keys of objects for keys and nothing else", () => {
    const library = own(route("{ __proto__: { polluted: yes }, constructor: { prototype: { polluted: yes } } }"));
    const [made] = valueOf(instantiate(templateIn(library, "own"), new Map(), FACTS)).objects;
    expect(Object.keys(made?.object["spec"] ?? {})).toEqual(["__proto__", "constructor"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("the templates of a repository", () => {
  it("may not be called like one of Tidegate's", () => {
    const library = own(WHOLE, "canary-istio");
    expect(library.problems.map(problemText)).toEqual([
      ".tidegate/templates/canary-istio/template.yaml:1: The template is not used: Tidegate has a canary-istio itself; call this one otherwise.",
    ]);
    expect(library.templates.get("canary-istio")?.files).toEqual(["templates/canary-istio/template.yaml"]);
  });

  it("have names of Kubernetes", () => {
    const { problems } = own(WHOLE, "My own");
    expect(problems.map(problemText)).toEqual([
      '.tidegate/templates/My own/template.yaml:1: The template is called "My own": a name has lower-case letters, digits and dashes.',
    ]);
  });

  it("are at most 200", () => {
    const many = Array.from({ length: 201 }, (_, at) => file(`t${at}`, WHOLE));
    const { problems, templates } = libraryOf([], many);
    expect(templates.size).toBe(200);
    expect(problems.map(problemText)).toEqual([
      ".tidegate/templates/t200/template.yaml:1: The template is not read: a repository has at most 200 templates.",
    ]);
  });

  it("lie in folders of their own", () => {
    expect(
      [
        ".tidegate/templates/a/template.yaml",
        ".tidegate/templates/template.yaml",
        ".tidegate/templates/a/b/template.yaml",
        "templates/a/template.yaml",
      ].map(isOwnTemplate),
    ).toEqual([true, false, false, false]);
  });
});
