import { describe, expect, it } from "vitest";
import { z } from "zod";
import { config } from "../../src/cli/config.ts";
import { templates } from "../../src/cli/templates.ts";
import { folders } from "../support/folders.ts";
import { fakeTerminal } from "../support/terminal.ts";

const folderOf = folders();

const OURS = ".tidegate/templates/ours/template.yaml";
const TEXT = `version: 1
title: Our canary
summary: As our platform does it.
extends: canary-istio
parameters:
  gateway: { default: mesh/public }
  timeout: { type: duration, help: How long a request may take., default: 3s }
objects:
  destination-rule.yaml: null
  destination-rule-canary.yaml: null
  route.yaml: { object: { spec: { http: [{ timeout: "\${timeout}", route: [] }] } } }
plan: { bake: 1h, gates: { latency: off } }
`;

async function run(...args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await templates(args, terminal);
  return { status, out: out(), told: told() };
}

const Document = z.object({
  templates: z.array(z.object({ name: z.string(), origin: z.string(), parameters: z.array(z.unknown()) })),
  problems: z.array(z.object({ path: z.string(), line: z.int(), message: z.string() })),
});

describe("templates", () => {
  it("lists Tidegate's and the repository's own", async () => {
    const { status, out, told } = await run("--in", folderOf({ [OURS]: TEXT }));
    expect({ status, told }).toEqual({ status: 0, told: "" });
    expect(out).toMatch(/^Tidegate's:\n( {2}[\w-]+ +\S.*\n)+\nThis repository's:\n {2}ours {2}Our canary\n$/);
    expect(out).toMatch(/^ {2}canary-gateway-api +Canary behind a Gateway API route$/m);
  });

  it("shows one", async () => {
    const { status, out } = await run("ours", "--in", folderOf({ [OURS]: TEXT }));
    expect(status).toBe(0);
    expect(out).toBe(`ours: Our canary
  As our platform does it.

  traffic  Tidegate writes the weight into the route (VirtualService)
  adds     route.yaml: VirtualService, unless the service has its route
  plan     5%, 25%, 50%; 1h each; gates {"latency":"off"}
  files    .tidegate/templates/ours/template.yaml
           templates/canary-istio/template.yaml

Parameters:

  gateway: text of at most 253 characters; unless given: mesh/public
    The Gateway of Istio's that requests from outside come through, as namespace/name; without it
    the route is for the mesh alone.
  hostnames: at most 20 DNS names, each once; unless given: none
    The host names that are answered besides the Service's own.
  tls: one of DISABLE, SIMPLE, ISTIO_MUTUAL; unless given: left out
    How callers speak to both arms (trafficPolicy.tls.mode of DestinationRules).
  locality: true or false; unless given: left out
    Whether callers are sent to endpoints near them first (localityLbSetting.enabled of
    DestinationRules); a failover to others needs ejectAfter too.
  ejectAfter: a whole number from 1 up to 1000; unless given: left out
    After how many 5xx in a row an endpoint is left out for a while
    (outlierDetection.consecutive5xxErrors of DestinationRules).
  timeout: a duration such as 500ms, 90s, 10m or 2h; unless given: 3s
    How long a request may take.
`);
  });

  it("prints one JSON object", async () => {
    const folder = folderOf({ [OURS]: TEXT });
    const all = Document.parse(JSON.parse((await run("--in", folder, "--json")).out));
    expect(all.templates.map(({ name, origin }) => `${origin} ${name}`)).toContain("repository ours");
    expect(all.templates.map(({ name, origin }) => `${origin} ${name}`)).toContain("tidegate canary-istio");
    const one: unknown = JSON.parse((await run("canary-gateway-api", "--in", folder, "--json")).out);
    expect(one).toMatchObject({
      version: 1,
      templates: [
        {
          name: "canary-gateway-api",
          drive: { route: "HTTPRoute" },
          objects: [{ file: "route.yaml", kind: "HTTPRoute", unless: "routed", when: [] }],
          plan: { steps: [5, 25, 50], bake: "10m" },
        },
      ],
    });
  });

  it("says what is wrong with the repository's own, in the list and in config check", async () => {
    const folder = folderOf({
      [OURS]: TEXT.replace("canary-istio", "canary-isto"),
      ".github/tidegate.yml":
        'version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n',
    });
    const said = `${OURS}:4: extends "canary-isto", which is unknown: did you mean canary-istio?`;
    const { status, out } = await run("--in", folder);
    expect(status).toBe(1);
    expect(out).toContain(`\nNot to be used as they are:\n  ${said}\n`);
    const { terminal, out: checked } = fakeTerminal({});
    expect(await config(["check", folder], terminal)).toBe(1);
    expect(checked()).toContain(said.replace(": extends", ": problem: extends"));
    expect(checked()).toContain("\n    4 | extends: canary-isto\n");
  });

  it("finds none that is not there, and says which was meant", async () => {
    const folder = folderOf({ [OURS]: TEXT });
    expect(await run("canary-ngnix", "--in", folder)).toEqual({
      status: 1,
      out: "",
      told: "There is no template canary-ngnix that can be used. Did you mean canary-nginx?\n",
    });
    expect(await run("--in", "nowhere")).toMatchObject({ status: 2 });
    expect(await run("--loud")).toMatchObject({ status: 2 });
    expect((await run("--help")).out).toContain("Usage: tidegate templates");
  });
});
