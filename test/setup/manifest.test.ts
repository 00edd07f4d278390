import { describe, expect, it } from "vitest";
import { EVENTS, NEEDED, STATUSES } from "../../src/doctor/asked.ts";
import { manifestOf, publicAddress, webhookAt } from "../../src/setup/manifest.ts";

const WISH = { name: "tidegate-acme", page: "https://github.com/acme", webhook: undefined, features: [] };

describe("the manifest", () => {
  it("asks for what the doctor expects; a webhook without an address is there, and not active", () => {
    expect(manifestOf(WISH)).toMatchObject({
      public: false,
      hook_attributes: { url: "https://example.com/api/github/webhooks", active: false },
      default_permissions: Object.fromEntries(
        [...NEEDED, STATUSES].map(({ permission, level }) => [permission, level]),
      ),
      default_events: EVENTS,
    });
  });

  it("asks for more only where it is wanted", () => {
    const { default_permissions: permissions, default_events: events } = manifestOf({
      ...WISH,
      features: ["teams", "merge-queue"],
    });
    expect(permissions).toMatchObject({ members: "read", merge_queues: "read" });
    expect(permissions).not.toHaveProperty("deployments");
    expect(events).toEqual([...EVENTS, "merge_group"]);
  });
});

describe("the webhook's address", () => {
  it.each([
    ["https://tide.example.com", "https://tide.example.com/api/github/webhooks"],
    ["https://tide.example.com/", "https://tide.example.com/api/github/webhooks"],
    ["https://ops.example.com/tidegate", "https://ops.example.com/tidegate/api/github/webhooks"],
    ["https://tide.example.com/api/github/webhooks", "https://tide.example.com/api/github/webhooks"],
    ["http://10.0.0.7:3000", "http://10.0.0.7:3000/api/github/webhooks"],
  ])("%s is %s", (address, webhook) => {
    expect(webhookAt(address)).toEqual({ kind: "ok", value: webhook });
    expect(publicAddress(webhook)).toBe(webhook.replace(/\/api\/github\/webhooks$/, ""));
  });

  it.each([
    ["http://localhost:3000", /GitHub does not reach localhost/],
    ["http://127.0.0.1:3000", /GitHub does not reach 127/],
    ["http://[::1]:3000", /GitHub does not reach/],
    ["tide.example.com", /is not an address/],
    ["https://tide.example.com?a=b", /is not an address/],
  ])("refuses %s", (address, words) => {
    const webhook = webhookAt(address);
    expect(webhook.kind === "err" ? webhook.error : "").toMatch(words);
  });
});
