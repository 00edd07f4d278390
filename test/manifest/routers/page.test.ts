import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { readSteps } from "../../../src/manifest/routers/rollout-steps.ts";
import { VALUES } from "../../../src/manifest/routers/values.ts";
import { valueOf } from "../builders.ts";
import { OF, on } from "./routed.ts";

const PAGE = readFileSync(new URL("../../../docs/routers.md", import.meta.url), "utf8");
const EXAMPLES = [...PAGE.matchAll(/```yaml\n(?<yaml>[^]*?)```/g)].map(({ groups }) => groups?.["yaml"] ?? "");

describe("what the page of routers shows", () => {
  it.each([
    ["kind: HTTPRoute", ROUTERS.HTTPRoute],
    ["kind: VirtualService", ROUTERS.VirtualService],
    ["kind: Ingress", ROUTERS.Ingress],
    ["canary:\n  weight:", VALUES],
  ])("is read: %s", (sign, router) => {
    const [text = "", second] = EXAMPLES.filter((yaml) => yaml.includes(sign));
    expect(second).toBeUndefined();
    expect(on(router, { ...OF, at: "canary.weight" }).get(text)).toBe(25);
  });

  it("is read: kind: Rollout", () => {
    const text = EXAMPLES.find((yaml) => yaml.includes("kind: Rollout")) ?? "";
    const file = { path: "rollout.yaml", text };
    expect(valueOf(readSteps(file, { namespace: OF.namespace }))).toEqual({ from: 5, to: 25, runsOut: false });
    expect(EXAMPLES).toHaveLength(5);
  });
});
