import { expect, it } from "vitest";
import { asideIn } from "../../../src/manifest/services/aside.ts";

const route = (metadata: string) =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: checkout\n${metadata}spec: { paused: true }\n`;
const rollout = (spec: string) =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: till }\nspec:\n${spec}`;
const FLUX = "kustomize.toolkit.fluxcd.io";
const left = (key: string, value: string) =>
  `the HTTPRoute checkout says ${FLUX}/${key}: "${value}", so that Flux does not apply what changes in it; take that out`;
const PAUSED = "the Rollout till is paused (spec.paused): its controller takes no step; take that out";

it.each<readonly [string, string, readonly string[]]>([
  ["follows", route(""), []],
  [
    "is not reconciled",
    route(`  annotations:\n    ${FLUX}/reconcile: disabled\n`),
    [`6 ${left("reconcile", "disabled")}`],
  ],
  ["is reconciled", route(`  annotations: { ${FLUX}/reconcile: enabled }\n`), []],
  ["is ignored, by a label", route(`  labels: { ${FLUX}/ssa: Ignore }\n`), [`5 ${left("ssa", "Ignore")}`]],
  ["is written once", route(`  annotations: { ${FLUX}/ssa: IfNotPresent }\n`), [`5 ${left("ssa", "IfNotPresent")}`]],
  ["is merged", route(`  annotations: { ${FLUX}/ssa: Merge }\n`), []],
  [
    "is paused, behind another object",
    `${route("")}---\n${rollout("  replicas: 3\n  paused: true\n")}`,
    [`12 ${PAUSED}`],
  ],
  ["is paused no more", rollout("  paused: false\n"), []],
  ["cannot be read", "a: [", []],
])("an object that %s", (_, text, expected) => {
  expect(
    asideIn({ path: "a.yaml", text }).map(({ path, line, what }) => `${line} ${what}${path === "a.yaml" ? "" : path}`),
  ).toEqual(expected);
});
