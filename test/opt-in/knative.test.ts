import { expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import { errorOf } from "../manifest/builders.ts";
import { groundOf, wishOf } from "../support/opt-in-ground.ts";
import { BEFORE } from "../support/unopted.ts";

it.each(["Service", "Configuration"])("a Knative %s is left to the page that says what to write", (kind) => {
  const text = `apiVersion: serving.knative.dev/v1
kind: ${kind}
metadata: { name: checkout }
spec: { template: { spec: { containers: [{ image: "registry.example.com/checkout:1.41.0" }] } } }
`;
  const files = new Map([
    ...BEFORE,
    ["apps/checkout/base/deployment.yaml", text],
    ["apps/checkout/base/service.yaml", ""],
  ]);
  const refused = errorOf(optIn(groundOf(files), wishOf("checkout canary-gateway-api gateway=public")));
  expect(refused.map(refusedText)).toEqual([
    `prod: apps/checkout/base/deployment.yaml:1: a Knative ${kind}: its canary would be another Configuration.
  write both and their Route by hand, as docs/knative.md says.`,
  ]);
});
