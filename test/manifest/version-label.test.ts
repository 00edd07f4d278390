import { expect, it } from "vitest";
import { versionLabelsIn } from "../../src/manifest/version-label.ts";

const of = (labels: string) => `kind: Deployment
spec:
  template:
    metadata:
      labels: ${labels}
`;

it.each<readonly [string, string, readonly string[]]>([
  ["none", of("{ app: till }"), []],
  ["no pods", "kind: Service\nmetadata: { labels: { version: a } }\n", []],
  ["a plain one", of('{ app: till, version: "1.0.0" }'), ["5 version 1.0.0"]],
  [
    "the one that Istio prefers",
    of("{ version: a, app.kubernetes.io/version: b, service.istio.io/canonical-revision: c }"),
    ["5 service.istio.io/canonical-revision c"],
  ],
  [
    "one of each object",
    `${of("{ version: a }")}---\n${of("{ app.kubernetes.io/version: b }")}`,
    ["5 version a", "11 app.kubernetes.io/version b"],
  ],
  ["one that is no text", of("{ version: 1 }"), []],
  ["labels that are no mapping", of("[version]"), []],
  ["a file that cannot be read", "a: [", []],
])("pods tell their version by labels: %s", (_, text, expected) => {
  const found = versionLabelsIn({ path: "a.yaml", text });
  expect(found.map(({ line, key, value }) => `${line} ${key} ${value}`)).toEqual(expected);
});
