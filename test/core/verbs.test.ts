import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import {
  BY_PLACE,
  CHANGING,
  STAGE_NAMES,
  VERB_BY_STAGE,
  type Changing,
  type Meaning,
  type StageName,
} from "../../scripts/meanings.ts";
import type { Action } from "../../src/core/action.ts";
import { GRAMMAR, VERBS, type Command, type Verb } from "../../src/core/commands.ts";
import { decide } from "../../src/core/decide.ts";
import type { CommandRule, Human } from "../../src/core/permissions.ts";
import { isOptCommand } from "../../src/core/opting.ts";
import { saidOf } from "../../src/core/proposal.ts";
import type { HeardComment, Member, Place } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { NEW, templateOf } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";
import { STAGES, type Staged } from "../support/stages.ts";

/** Who asks, and whether that is somebody who may read and who may change. */
type Who = {
  readonly human: Partial<Human>;
  readonly allow?: Partial<CommandRule["allow"]>;
  readonly may: "nothing" | "ask" | "change";
};

const READS = { permission: "read", role: "read" } as const;
const WRITES = { permission: "write", role: "write" } as const;
const ADMIN = { permission: "admin", role: "admin" } as const;
const TEAM = { teams: ["acme/payments"] };

const PEOPLE: Readonly<Record<string, Who>> = {
  nobody: { human: { permission: "none", role: "none" }, may: "nothing" },
  reader: { human: READS, may: "ask" },
  triager: { human: { permission: "read", role: "triage" }, may: "ask" },
  writer: { human: WRITES, may: "change" },
  maintainer: { human: { permission: "write", role: "maintain" }, may: "change" },
  admin: { human: ADMIN, may: "change" },
  bot: { human: { ...ADMIN, byBot: true }, may: "nothing" },
  "app by its login": { human: { ...ADMIN, login: "ana[bot]" }, may: "nothing" },
  "member of the team that a rule names": { human: { ...WRITES, ...TEAM }, allow: TEAM, may: "change" },
  "reading member of that team": { human: { ...READS, ...TEAM }, allow: TEAM, may: "ask" },
  "admin outside that team": { human: ADMIN, allow: TEAM, may: "ask" },
  "code owner, by rule": { human: { ...WRITES, codeOwner: true }, allow: { codeOwners: true }, may: "change" },
  "admin who owns nothing, by rule": { human: ADMIN, allow: { codeOwners: true }, may: "ask" },
  "bot that owns the code, by rule": {
    human: { ...ADMIN, codeOwner: true, byBot: true },
    allow: { codeOwners: true },
    may: "nothing",
  },
};

const PLACES: Readonly<Record<Place["kind"], { readonly place: Place; readonly pull: number }>> = {
  step: { place: { kind: "step" }, pull: 4813 },
  landed: { place: { kind: "landed" }, pull: 4810 },
  bump: { place: { kind: "bump" }, pull: 4812 },
  past: { place: { kind: "past" }, pull: 4700 },
  proposal: { place: { kind: "proposal", to: { image: NEW, template: templateOf(NEW) } }, pull: 4900 },
};

const SAID: Readonly<Record<Verb, Command>> = {
  promote: { verb: "promote", reach: "step" },
  abort: { verb: "abort", reason: undefined },
  hold: { verb: "hold", reason: "lunch" },
  resume: { verb: "resume" },
  retry: { verb: "retry" },
  adopt: { verb: "adopt" },
  skip: { verb: "skip", gate: "errors", reason: "the provider is being moved" },
  rollback: { verb: "rollback", to: undefined },
  status: { verb: "status" },
  why: { verb: "why" },
  plan: { verb: "plan" },
  backtest: { verb: "backtest" },
  "opt-in": { verb: "opt-in", names: [], parameters: [] },
  "opt-out": { verb: "opt-out", names: [] },
  help: { verb: "help" },
};

/** What members hear: the others are of services as a whole. */
const HEARD = VERBS.filter((verb) => !isOptCommand(SAID[verb]));

const ID = 900;

type Place_ = keyof typeof PLACES;
type Answer = Meaning | "told" | "denied";

/** What the tables say. */
function expected(stage: StageName, verb: Verb, place: Place_, { may, human }: Who): Answer {
  const changing = CHANGING.find((one) => one === verb);
  if (may === "nothing") return "denied";
  if (changing === undefined) return GRAMMAR[verb].needs === "write" && human.permission === "read" ? "denied" : "told";
  return may === "ask" ? "denied" : meant(stage, changing, place);
}

function meant(stage: StageName, verb: Changing, place: Place_): Meaning {
  const there = VERB_BY_STAGE[stage][CHANGING.indexOf(verb)] ?? "-";
  if (place === "step") return there;
  const exception = BY_PLACE[place].find(
    ({ verbs, stages }) => verbs.includes(verb) && (stages === undefined || stages.includes(stage)),
  );
  return exception === undefined || exception.meaning === "as there" ? there : exception.meaning;
}

/** What happens: the answer, and for a change what git gets by it. */
function answered(staged: Staged, comment: HeardComment): Answer | "mistaken" | "changed" {
  const actions = look(staged, [comment]);
  const replies = actions.filter((action) => action.kind === "reply");
  const others = actions.filter((action) => action.kind !== "reply");
  const effect = effectIn(others, staged.of);
  // What changes nothing changes nothing at all.
  if (effect === "-" && !isDeepStrictEqual(others, look(staged, []))) return "changed";
  expect(replies.length).toBeLessThan(2);
  const [outcome] = replies.flatMap(({ answers }) => answers.flatMap(({ outcomes }) => outcomes));
  if (outcome === undefined) return effect === "-" ? "waits" : effect;
  if (outcome.kind === "done") return effect;
  expect(effect).toBe("-");
  return outcome.kind === "nothingTo" ? "-" : outcome.kind;
}

function look({ of, now, lastMerge }: Staged, heard: readonly HeardComment[]): readonly Action[] {
  const actions = decide(snapshotOf([{ ...of, heard }], { lastMerge }), now);
  return actions.map((action) =>
    "member" in action ? { ...action, member: { ...action.member, heard: [] } } : action,
  );
}

function effectIn(actions: readonly Action[], of: Member): Meaning {
  for (const action of actions) {
    if (action.kind === "land" && action.change.state.heard === ID) return landed(action.fall.kind);
    if (action.kind === "propose" && action.change.state.heard === ID) return written(action, of);
  }
  return "-";
}

function landed(kind: Extract<Action, { readonly kind: "land" }>["fall"]["kind"]): Meaning {
  if (kind === "lower" || kind === "takeBack") throw new Error(`Nobody can ask for ${kind}.`);
  return kind;
}

function written({ change, member }: Extract<Action, { readonly kind: "propose" }>, of: Member): Meaning {
  const { holds, targets } = change.state;
  const release = targets.get(member.target)?.release;
  if (release?.override?.comment === ID) return "override";
  if (release?.skips.some(({ comment }) => comment === ID) === true) return "skip";
  if (of.pull?.foreign !== undefined) return "rebuild";
  if (holds.some(({ comment, closed }) => comment === ID || (of.closed !== undefined && closed !== undefined)))
    return "hold";
  return holds.length < saidOf(of).holds.length ? "lift" : "-";
}

function governed(of: Member, { allow }: Who): Member {
  if (allow === undefined) return of;
  const rule: CommandRule = {
    verbs: CHANGING,
    allow: { roles: [], teams: [], users: [], codeOwners: false, ...allow },
  };
  return { ...of, policy: { ...of.policy, rules: [rule] } };
}

describe("a stage that the tables speak of", () => {
  it.each(STAGE_NAMES)("%s", (stage) => {
    const { of, now, kind, lastMerge = 0 } = STAGES[stage];
    const paceUntil = lastMerge + of.policy.mergeEveryMs;
    expect(stageOf(of, now, lastMerge === 0 ? 0 : paceUntil).kind).toBe(kind);
  });
});

describe.each(STAGE_NAMES)("%s", (stage) => {
  it.each(HEARD)("/%s means the same for everybody who may, by place", (verb) => {
    for (const [who, person] of Object.entries(PEOPLE))
      for (const [place, where] of Object.entries(PLACES) as readonly [Place_, (typeof PLACES)[Place_]][]) {
        const staged = STAGES[stage];
        const spoken = says(SAID[verb], { id: ID, ...where });
        const human = { ...spoken.human, ...person.human };
        const comment: HeardComment = { ...spoken, human, found: "What the past says." };
        const cell = `/${verb} by ${who} on ${place}, ${stage}`;
        const answer = answered({ ...staged, of: governed(staged.of, person) }, comment);
        expect(`${cell}: ${answer}`).toBe(`${cell}: ${expected(stage, verb, place, person)}`);
      }
  });
});
