import { describe, expect, it } from "vitest";
import { VERBS } from "../../src/core/commands.ts";
import type { Verb } from "../../src/core/commands.ts";
import { name } from "../../src/core/names.ts";
import { authorize } from "../../src/core/permissions.ts";
import type { Permission } from "../../src/core/permissions.ts";

const CHECKOUT = name("checkout");
const PERMISSIONS: readonly Permission[] = ["admin", "write", "read", "none"];
const TALK: ReadonlySet<Verb> = new Set(["status", "help"]);

const cells = VERBS.flatMap((verb) => PERMISSIONS.map((permission) => ({ verb, permission })));

describe("who may", () => {
  it.each(cells)("$verb with $permission", ({ verb, permission }) => {
    const may = permission === "admin" || permission === "write" || (permission === "read" && TALK.has(verb));
    expect(authorize({ login: "ana", permission, byBot: false }, verb, CHECKOUT).kind).toBe(may ? "allowed" : "denied");
  });

  it.each(cells)("never a bot: $verb with $permission", ({ verb, permission }) => {
    expect(authorize({ login: "ana", permission, byBot: true }, verb, CHECKOUT).kind).toBe("denied");
    expect(authorize({ login: "bumper[bot]", permission, byBot: false }, verb, CHECKOUT).kind).toBe("denied");
  });

  it.each([
    [
      "read",
      "`/promote` for checkout is for people with write access to this repository; GitHub says ana has read access.",
    ],
    [
      "none",
      "`/promote` for checkout is for people with write access to this repository; GitHub says ana has no access.",
    ],
  ] as const)("says who may to someone with %s", (permission, why) => {
    expect(authorize({ login: "ana", permission, byBot: false }, "promote", CHECKOUT)).toEqual({ kind: "denied", why });
  });
});
