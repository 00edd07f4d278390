import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { fieldsWritten } from "../../../src/manifest/services/written.ts";
import { ROLLOUT, rollout } from "../../support/rollout-member.ts";

describe("what releases write", () => {
  it("is of a Canary its two lists, and of its Deployment the version", () => {
    const { manifest } = rollout({ manifest: { flagger: "rest" } });
    const fields = fieldsWritten({ manifests: ROLLOUT, namespace: name("shop") }, manifest);
    expect(fields.map(({ kind, namespace, field }) => [kind, namespace, field.join(".")])).toEqual([
      ["Canary", "shop", "spec.analysis.stepWeights"],
      ["Canary", "shop", "spec.analysis.webhooks"],
      ["Deployment", "shop", "spec.template.spec.containers.*.image"],
    ]);
  });
});
