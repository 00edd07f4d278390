import { describe, expect, it } from "vitest";
import { parseState } from "../../src/config/state-file.ts";
import { trespassesOf } from "../../src/core/ownership.ts";
import { name } from "../../src/core/names.ts";
import { readMember } from "../../src/manifest/member.ts";
import { rolloutFilesOf, rolloutPathsOf } from "../../src/sandbox/rollout-fleet.ts";
import { ROUTINGS } from "../../src/sandbox/rollout-routes.ts";
import { valueOf } from "../manifest/builders.ts";

describe("a service of the sandbox that an Argo Rollout runs", () => {
  const each = [...ROUTINGS, "blueGreen" as const].flatMap((routing) =>
    (["owned", "claimed"] as const).map((form) => ({ routing, form })),
  );

  it.each(each)("rests on what its state has on record: $form, $routing", ({ form, routing }) => {
    const service = {
      name: "till",
      namespace: "shop",
      target: "prod",
      image: "registry.example.com/shop/till:1.0.0",
      replicas: 4,
      revision: "4f1c".repeat(10),
      form,
      routing,
    };
    const files = rolloutFilesOf(service);
    const path = rolloutPathsOf(service).state;
    const state = valueOf(parseState({ path, text: files.get(path) ?? "" }));
    const at = state.targets.get(name("prod"));
    if (at === undefined) throw new Error("The state has the target.");
    expect(trespassesOf(state, at)).toEqual([]);
    const found = valueOf(readMember(files, at, name("till")));
    expect(found.stable).toEqual(found.canary);
    expect(found.ratio).toEqual(routing === "pods" ? { replicas: 4, surge: 1 } : undefined);
    expect(found).toMatchObject({ weight: 0, canary: { image: service.image, replicas: 4, deployment: "till" } });
  });
});
