import { describe, expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { groundOf, wishOf } from "../support/opt-in-ground.ts";
import { BEFORE } from "../support/unopted.ts";

const OVERLAY = "apps/checkout/prod/kustomization.yaml";
const text = BEFORE.get(OVERLAY) ?? "";
const wish = wishOf("checkout canary-gateway-api gateway=public");

const withOverlay = (more: string, others: Readonly<Record<string, string>> = {}) =>
  optIn(groundOf(new Map([...BEFORE, [OVERLAY, `${text}${more}`], ...Object.entries(others)])), wish);

const PATCH = `patches:\n  - path: more-memory.yaml\n`;
const line = text.split("\n").length + 1;

it("a kustomization of which not all is made keeps what it delivers from being opted in", () => {
  const maps = Array.from(
    { length: 10_001 },
    (_, index) => `kind: ConfigMap\napiVersion: v1\nmetadata: { name: a${index} }\n`,
  );
  const files = Object.fromEntries(
    Array.from({ length: 11 }, (_, index) => [
      `apps/checkout/prod/maps-${index}.yaml`,
      maps.slice(index * 1_000, (index + 1) * 1_000).join("---\n"),
    ]),
  );
  const names = Object.keys(files).map((path) => path.slice(path.lastIndexOf("/") + 1));
  const more = text.replace("resources:\n", `resources:\n${names.map((one) => `  - ${one}\n`).join("")}`);
  const done = optIn(groundOf(new Map([...BEFORE, [OVERLAY, more], ...Object.entries(files)])), wish);
  const refused = done.kind === "err" ? done.error : expect.fail("It is opted in.");
  expect(refused).toMatchObject([
    { code: "too-large", target: "prod", path: OVERLAY, found: "more than 10,000 objects" },
  ]);
});

describe("a file that a kustomization names and that is not there", () => {
  it("is why the service is not opted in, with its line", () => {
    const done = withOverlay(PATCH);
    const refused = done.kind === "err" ? done.error : expect.fail("It is opted in.");
    expect(refused).toMatchObject([
      { code: "missing", target: "prod", path: OVERLAY, line, found: "the patch more-memory.yaml" },
    ]);
  });

  it("is remarked where something else may make it", () => {
    const done = withOverlay(PATCH, { "apps/.gitignore": "*-memory.yaml\n" });
    const { remarks } = done.kind === "ok" ? done.value : expect.fail(JSON.stringify(done.error));
    expect(remarks).toContainEqual({
      target: "prod",
      path: OVERLAY,
      line,
      says: "the patch more-memory.yaml is not looked at: it is not there",
    });
  });
});
