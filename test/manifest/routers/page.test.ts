import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROUTER_KINDS, type RouterKind } from "../../../src/core/state.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { readSteps } from "../../../src/manifest/routers/rollout-steps.ts";
import { VALUES } from "../../../src/manifest/routers/values.ts";
import { valueOf } from "../builders.ts";
import { OF, on } from "./routed.ts";

const PAGE = readFileSync(new URL("../../../docs/routers.md", import.meta.url), "utf8");
const SECTIONS = PAGE.split(/^## /m);
const yamlIn = (text: string) => /```yaml\n(?<yaml>[^]*?)```/.exec(text)?.groups?.["yaml"] ?? "";
const exampleOf = (title: string) => yamlIn(SECTIONS.find((section) => section.startsWith(title)) ?? "");

// Told with another kind of the same look.
const ELSEWHERE: ReadonlySet<RouterKind> = new Set([
  "GRPCRoute",
  "TLSRoute",
  "TCPRoute",
  "GlooRouteTable",
  "UpstreamGroup",
]);

describe("what the page of routers shows", () => {
  it.each(ROUTER_KINDS.filter((kind) => !ELSEWHERE.has(kind)))("is read: %s", (kind) => {
    expect(on(ROUTERS[kind]).get(exampleOf(`${kind} (`))).toBe(25);
  });

  it("is read: values", () => {
    expect(on(VALUES, { ...OF, at: "canary.weight" }).get(exampleOf("Helm values"))).toBe(25);
  });

  it("is read: kind: Rollout", () => {
    const text = exampleOf("Argo Rollouts");
    const file = { path: "rollout.yaml", text };
    expect(valueOf(readSteps(file, { namespace: OF.namespace }))).toEqual({ from: 5, to: 25, runsOut: false });
  });
});
