import { afterEach, expect, it } from "vitest";
import { z } from "zod";

import { repoName } from "../../src/core/names.ts";
import { pressIn } from "../../src/server/press.ts";
import { APP, REPO } from "../support/github.ts";
import { sandboxWorld, type SandboxWorld } from "../support/sandbox-world.ts";

const open: SandboxWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

it("is understood as GitHub tells of it", async () => {
  const payloads: string[] = [];
  const world = await sandboxWorld({
    fate: ({ event, body }) => {
      if (event === "check_run") payloads.push(body);
      return { kind: "drop" };
    },
  });
  open.push(world);
  const { app, github, installation, push } = world;
  github.setWebhookUrl("http://127.0.0.1:9");
  const forge = app.forge(installation, repoName(REPO));
  const headSha = await push("tidegate/checkout", { "app.yaml": "image: shop:2\n" });
  const pull = await forge.openPull({ branch: "tidegate/checkout", base: "main", title: "t", body: "b" }, "step");
  const actions = [{ label: "Hold", description: "Stay at this weight.", identifier: "hold" }];
  const texts = { title: "Held", summary: "s", text: undefined };
  await forge.report(
    { name: "tidegate/gate", headSha, externalId: "e1", conclusion: "action_required", ...texts, actions },
    "step",
  );
  const [check] = github.checks(REPO, headSha);
  github.pressButton({ repo: REPO, user: "ben", check: check?.id ?? 0, identifier: "hold" });
  await github.settled();
  const payload = z.looseObject({}).parse(JSON.parse(payloads.at(-1) ?? "{}"));
  expect(pressIn(payload, APP.id)).toEqual({ asked: { by: "ben", headSha }, verb: "hold", pull });
});
