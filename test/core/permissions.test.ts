import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VERBS, type Verb } from "../../src/core/commands.ts";
import { name } from "../../src/core/names.ts";
import { authorize, type CommandRule, type Human, type Permission } from "../../src/core/permissions.ts";

const CHECKOUT = name("checkout");
const NOBODY: CommandRule["allow"] = { roles: [], teams: [], users: [], codeOwners: false };

/** What GitHub's look-up says of someone with each role. */
const ROLES = {
  none: "none",
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
} as const satisfies Record<string, Permission>;
type Role = keyof typeof ROLES;

const human = (role: Role, changes: Partial<Human> = {}): Human => ({
  login: "ana",
  permission: ROLES[role],
  role,
  teams: [],
  codeOwner: false,
  byBot: false,
  ...changes,
});
const ruled = (verb: Verb, allow: Partial<CommandRule["allow"]>): CommandRule => ({
  verbs: [verb],
  allow: { ...NOBODY, ...allow },
});
const may = (who: Human, verb: Verb, rules: readonly CommandRule[] = []) =>
  authorize(who, verb, { service: CHECKOUT, rules }).kind === "allowed" ? "yes" : "no";

describe("who may, without rules", () => {
  // verb       none   read   triage write  maint. admin
  it.each<readonly [Verb, string]>([
    ["promote", "no     no     no     yes    yes    yes"],
    ["abort", "  no     no     no     yes    yes    yes"],
    ["hold", "   no     no     no     yes    yes    yes"],
    ["resume", " no     no     no     yes    yes    yes"],
    ["retry", "  no     no     no     yes    yes    yes"],
    ["adopt", "  no     no     no     yes    yes    yes"],
    ["skip", "   no     no     no     yes    yes    yes"],
    ["rollback", "no    no     no     yes    yes    yes"],
    ["status", " no     yes    yes    yes    yes    yes"],
    ["why", "    no     yes    yes    yes    yes    yes"],
    ["plan", "   no     yes    yes    yes    yes    yes"],
    ["backtest", "no   no     no     yes    yes    yes"],
    ["opt-in", "  no   no     no     yes    yes    yes"],
    ["opt-out", " no   no     no     yes    yes    yes"],
    ["help", "   no     yes    yes    yes    yes    yes"],
  ])("%s: %s", (verb, expected) => {
    const roles: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];
    expect(roles.map((role) => may(human(role), verb))).toEqual(expected.trim().split(/\s+/));
  });

  it("is told for every verb", () => {
    expect(VERBS).toHaveLength(15);
  });
});

const READING: readonly Verb[] = ["status", "why", "plan", "help"];
const ACTING: readonly Verb[] = [
  "backtest",
  "opt-in",
  "opt-out",
  "promote",
  "abort",
  "hold",
  "resume",
  "retry",
  "adopt",
  "skip",
  "rollback",
];
const ROLE_NAMES: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];

/** Every way to fit a rule, and who fits it. */
const WAYS: readonly (readonly [string, Partial<CommandRule["allow"]>, Partial<Human>])[] = [
  ["team", { teams: ["acme/payments"] }, { teams: ["acme/payments"] }],
  ["code owner", { codeOwners: true }, { codeOwner: true }],
  ["user", { users: ["Ana"] }, { login: "ana" }],
];

describe("who may, where a rule names the verb", () => {
  describe.each(WAYS)("by %s", (_, allow, fitting) => {
    const rules = (verb: Verb) => [ruled(verb, allow)];

    it.each(ACTING)("%s: whoever fits, from write access on", (verb) => {
      const cells = ROLE_NAMES.map((role) => may(human(role, fitting), verb, rules(verb)));
      expect(cells).toEqual(["no", "no", "no", "yes", "yes", "yes"]);
    });

    it.each(READING)("%s: whoever fits, from read access on", (verb) => {
      const cells = ROLE_NAMES.map((role) => may(human(role, fitting), verb, rules(verb)));
      expect(cells).toEqual(["no", "yes", "yes", "yes", "yes", "yes"]);
    });

    it.each(VERBS)("%s: nobody else, not even an admin", (verb) => {
      const cells = ROLE_NAMES.map((role) => may(human(role, { login: "bob" }), verb, rules(verb)));
      expect(cells).toEqual(["no", "no", "no", "no", "no", "no"]);
    });
  });

  it.each(VERBS)("%s by role: that very role", (verb) => {
    const cells = ROLE_NAMES.map((role) => may(human(role), verb, [ruled(verb, { roles: ["Maintain"] })]));
    expect(cells).toEqual(["no", "no", "no", "no", "yes", "no"]);
  });

  it.each<readonly [string, Human, readonly CommandRule[], "yes" | "no"]>([
    [
      "a role of the organisation's own",
      human("write", { role: "deployer" }),
      [ruled("promote", { roles: ["deployer"] })],
      "yes",
    ],
    [
      "an unknown role is none that a rule could name",
      human("write", { role: "none" }),
      [ruled("promote", { roles: ["none"] })],
      "no",
    ],
    ["a role does not raise access", human("read", { role: "admin" }), [ruled("promote", { roles: ["admin"] })], "no"],
    ["another team", human("admin", { teams: ["acme/web"] }), [ruled("promote", { teams: ["acme/payments"] })], "no"],
    [
      "one of two rules",
      human("write"),
      [ruled("promote", { users: ["bob"] }), ruled("promote", { users: ["ana"] })],
      "yes",
    ],
    ["a rule for another verb", human("write"), [ruled("skip", { users: ["bob"] })], "yes"],
    [
      "the repository's rule alone, where one is enforced as well",
      human("write"),
      [ruled("promote", { users: ["ana"] }), { ...ruled("promote", { teams: ["acme/sre"] }), enforced: true }],
      "no",
    ],
    [
      "both of them",
      human("write", { teams: ["acme/sre"] }),
      [ruled("promote", { users: ["ana"] }), { ...ruled("promote", { teams: ["acme/sre"] }), enforced: true }],
      "yes",
    ],
    ["a rule for nobody", human("admin", { codeOwner: true }), [ruled("promote", {})], "no"],
  ])("%s", (_, who, rules, expected) => {
    expect(may(who, "promote", rules)).toBe(expected);
  });
});

describe("never a bot", () => {
  it.each(VERBS)("%s", (verb) => {
    const everybody = { roles: ["admin"], teams: ["acme/payments"], users: ["ana", "bumper[bot]"], codeOwners: true };
    const who = human("admin", { teams: ["acme/payments"], codeOwner: true });
    const rules = [[], [ruled(verb, everybody)]];
    expect(rules.map((given) => may({ ...who, byBot: true }, verb, given))).toEqual(["no", "no"]);
    expect(rules.map((given) => may({ ...who, login: "bumper[bot]" }, verb, given))).toEqual(["no", "no"]);
    expect(rules.map((given) => may(who, verb, given))).toEqual(["yes", "yes"]);
  });
});

describe("the denial names who may", () => {
  const RULE = ruled("promote", { roles: ["maintain"], teams: ["acme/payments"], users: ["cleo"], codeOwners: true });
  it.each<readonly [string, Human, readonly CommandRule[], string]>([
    [
      "too little access",
      human("read"),
      [],
      "people with write access to this repository; GitHub says ana has read access.",
    ],
    ["no access", human("none"), [], "people with write access to this repository; GitHub says ana has no access."],
    ["a bot", human("admin", { byBot: true }), [], "people with write access to this repository; bots may not."],
    [
      "none of a rule's",
      human("write"),
      [RULE],
      "people with write access to this repository who are in the role maintain, in the team acme/payments, cleo or code owners of its manifest; as far as GitHub says, ana is not among them.",
    ],
    [
      "two rules, a name in both",
      human("write"),
      [ruled("promote", { users: ["cleo"] }), ruled("promote", { users: ["cleo", "dan"] })],
      "people with write access to this repository who are cleo or dan; as far as GitHub says, ana is not among them.",
    ],
    [
      "a rule and an enforced one",
      human("write"),
      [ruled("promote", { users: ["ana"] }), { ...ruled("promote", { teams: ["acme/sre"] }), enforced: true }],
      "people with write access to this repository who are ana, and besides in the team acme/sre; as far as GitHub says, ana is not among them.",
    ],
    [
      "too little access for a rule's",
      human("triage"),
      [ruled("promote", { users: ["ana"] })],
      "people with write access to this repository who are ana; GitHub says ana has read access.",
    ],
  ])("%s", (_, who, rules, why) => {
    expect(authorize(who, "promote", { service: CHECKOUT, rules })).toEqual({
      kind: "denied",
      why: `\`/promote\` for checkout is for ${why}`,
    });
  });
});

const words = (...given: readonly string[]) => fc.subarray([...given]);
const rule: fc.Arbitrary<CommandRule> = fc.record({
  verbs: fc.subarray([...VERBS], { minLength: 1 }),
  allow: fc.record({
    roles: words("read", "maintain", "admin", "none", "deployer"),
    teams: words("acme/payments", "acme/web"),
    users: words("ana", "bob", "bumper[bot]"),
    codeOwners: fc.boolean(),
  }),
});
const anybody: fc.Arbitrary<Human> = fc.record({
  login: fc.constantFrom("ana", "bob", "bumper[bot]"),
  permission: fc.constantFrom("none", "read", "write", "admin"),
  role: fc.constantFrom("none", "read", "maintain", "admin", "deployer"),
  teams: words("acme/payments", "acme/web"),
  codeOwner: fc.boolean(),
  byBot: fc.boolean(),
});
const verbs = fc.constantFrom(...VERBS);
const rules = fc.array(rule, { maxLength: 4 });

describe("laws", () => {
  it("who writes rules cannot widen what is enforced", () => {
    fc.assert(
      fc.property(anybody, verbs, rules, rules, (who, verb, given, held) => {
        const enforced = held.map((one) => ({ ...one, enforced: true as const }));
        expect(["no", may(who, verb, enforced)]).toContain(may(who, verb, [...given, ...enforced]));
      }),
    );
  });

  it("rules never widen", () => {
    fc.assert(
      fc.property(anybody, verbs, rules, (who, verb, given) => {
        expect(["no", may(who, verb)]).toContain(may(who, verb, given));
      }),
    );
  });

  it("a rule about other verbs changes nothing", () => {
    fc.assert(
      fc.property(anybody, verbs, rules, rule, (who, verb, given, other) => {
        const others = { ...other, verbs: other.verbs.filter((one) => one !== verb) };
        expect(may(who, verb, [...given, others])).toBe(may(who, verb, given));
      }),
    );
  });

  it("knowing less about somebody never lets them do more", () => {
    fc.assert(
      fc.property(anybody, verbs, rules, (who, verb, given) => {
        const unknown = { ...who, permission: "none", role: "none", teams: [], codeOwner: false } as const;
        const lesser: readonly Human[] = [
          unknown,
          { ...who, permission: "none" },
          { ...who, role: "none" },
          { ...who, teams: who.teams.slice(1) },
          { ...who, codeOwner: false },
        ];
        if (may(who, verb, given) === "no") expect(lesser.map((one) => may(one, verb, given))).not.toContain("yes");
        expect(may(unknown, verb, given)).toBe("no");
      }),
    );
  });
});
