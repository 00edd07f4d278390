import { expect, it } from "vitest";
import type { OptSaid } from "../../src/core/opting.ts";
import { observeAsked } from "../../src/reconcile/opt-asked.ts";
import type { Scene } from "../../src/reconcile/scene.ts";
import { deploymentText } from "../support/layout-texts.ts";
import { groundOf } from "../support/opt-in-ground.ts";

const SERVICES = Array.from({ length: 21 }, (_, index) => `shop-${index}`);

/** What a line comes to, said by somebody who may do nothing, on a pull request that bumps so many services. */
async function saidBy(line: readonly string[], bumped: number): Promise<readonly OptSaid[]> {
  const { inventory } = groundOf(
    new Map(SERVICES.map((name) => [`apps/${name}/deployment.yaml`, deploymentText(name)])),
  );
  const services = inventory.fleet.services.slice(0, bumped).map((service) => ({ service, targets: ["prod"] }));
  const human = { login: "mallory", permission: "read", role: "read", teams: [], codeOwner: false, byBot: false };
  const ground = { inventory, library: { templates: new Map(), problems: [] }, settled: async () => undefined };
  const command = { verb: "opt-in", names: line, parameters: [] };
  const comment = { id: 1, pull: 7, at: 0 };
  const { asked } = await observeAsked({ pulls: [] } as unknown as Scene, ground as never, {
    members: [],
    refusals: [],
    registry: { humanOf: async () => human, humanFor: async () => human } as never,
    unopted: [{ number: 7, headSha: "1".repeat(40) as never, services }],
    pulls: [],
    waiting: [],
    spoken: [{ comment: comment as never, by: "mallory", about: [], commands: [command as never] }],
  });
  return asked.flatMap(({ said }) => said);
}

it("takes all of few services, and asks which of many come first", async () => {
  expect((await saidBy(["all"], 20)).map((said) => said.kind === "meant" && said.found.kind)).toEqual(
    Array.from({ length: 20 }, () => "denied"),
  );
  const many = await saidBy(["all", "canary-gateway-api"], 21);
  expect(many.map((said) => said.kind === "unclear" && [said.why, said.choices.length, said.choices[0]])).toEqual([
    ["all are 21 services, and at most 20 go at once. Which come first?", 21, "/opt-in shop-0 canary-gateway-api"],
  ]);
});
