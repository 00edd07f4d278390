import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { run } from "../../src/cli.ts";
import { ROUTER_KINDS } from "../../src/core/state.ts";
import { fakeTerminal } from "../support/terminal.ts";

const ROOT = new URL("../../", import.meta.url);
const Listed = z.strictObject({
  version: z.literal(1),
  routers: z.array(
    z.looseObject({
      router: z.string().optional(),
      drives: z.boolean(),
      groups: z.array(z.string()).min(1),
      kinds: z.array(z.string()).min(1),
      weights: z.array(z.string()).min(1),
      tests: z.array(z.string()).min(2).optional(),
      because: z.string().optional(),
    }),
  ),
});

async function said(...args: string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await run(["routers", ...args], terminal);
  return { status, out: out(), err: told() };
}

describe("tidegate routers", () => {
  it("lists every kind that is driven, with tests that are there, and those that are not, with a reason", async () => {
    const { status, out } = await said("--json");
    const { routers } = Listed.parse(JSON.parse(out));
    expect(status).toBe(0);
    expect(routers.flatMap(({ router }) => router ?? [])).toEqual(ROUTER_KINDS);
    expect(routers.filter(({ drives, router }) => drives !== (router !== undefined))).toEqual([]);
    expect(routers.filter(({ drives, because }) => drives === (because !== undefined))).toEqual([]);
    const tests = routers.flatMap((one) => one.tests ?? []);
    expect(tests.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  });

  it("says the same for people", async () => {
    const { status, out } = await said();
    expect(status).toBe(0);
    expect(out).toContain(
      "OpenShiftRoute: OpenShift\n  Route of route.openshift.io\n  spec.to.weight\n  spec.alternateBackends[].weight\n  weights: whole numbers from 0 to 256, any sum; 100 where not written\n  arms: Services\n",
    );
    expect(out).toContain('  metadata.annotations["alb.ingress.kubernetes.io/actions.*"]\n');
    expect(out).toContain("  Service (Knative): its shares go to revisions");
  });

  it("takes no other words", async () => {
    expect((await said("--jsno")).status).toBe(2);
    expect((await said("--help")).out).toContain("Usage: tidegate routers [--json]");
  });
});
