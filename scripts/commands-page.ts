import { GRAMMAR, VERBS, type Verb } from "../src/core/commands.ts";
import { name } from "../src/core/names.ts";
import { authorize, type CommandRule, type Human } from "../src/core/permissions.ts";
import { GENERATED, table, type Page } from "./page.ts";

/** A column of a matrix: somebody, and the rules that govern the service. */
type Column = { readonly head: string; readonly human: Human; readonly allow?: CommandRule["allow"] };

const NOBODY: CommandRule["allow"] = { roles: [], teams: [], users: [], codeOwners: false };
const TEAM: CommandRule["allow"] = { ...NOBODY, teams: ["acme/payments"] };
const OWNERS: CommandRule["allow"] = { ...NOBODY, codeOwners: true };
const READS = { permission: "read", role: "read" } as const;
const WRITES = { permission: "write", role: "write" } as const;
const ADMIN = { permission: "admin", role: "admin" } as const;

const WITHOUT_RULE: readonly Column[] = [
  { head: "none", human: ana({ permission: "none", role: "none" }) },
  { head: "read", human: ana(READS) },
  { head: "triage", human: ana({ permission: "read", role: "triage" }) },
  { head: "write", human: ana(WRITES) },
  { head: "maintain", human: ana({ permission: "write", role: "maintain" }) },
  { head: "admin", human: ana(ADMIN) },
  { head: "bot", human: ana({ ...ADMIN, byBot: true }) },
];

const WITH_RULE: readonly Column[] = [
  { head: "team: member, write", human: ana({ ...WRITES, teams: TEAM.teams }), allow: TEAM },
  { head: "team: member, read", human: ana({ ...READS, teams: TEAM.teams }), allow: TEAM },
  { head: "team: not in it, admin", human: ana(ADMIN), allow: TEAM },
  { head: "owners: code owner, write", human: ana({ ...WRITES, codeOwner: true }), allow: OWNERS },
  { head: "owners: code owner, read", human: ana({ ...READS, codeOwner: true }), allow: OWNERS },
  { head: "owners: not one, admin", human: ana(ADMIN), allow: OWNERS },
  { head: "bot", human: ana({ ...ADMIN, codeOwner: true, byBot: true }), allow: OWNERS },
];

/** The page of commands: what can be said, and who may say it, as the parser and `authorize` have it. */
export function commandsPage(): Page {
  const reasons = [
    ...new Set([...WITHOUT_RULE, ...WITH_RULE].flatMap((column) => VERBS.flatMap((verb) => reasonOf(verb, column)))),
  ];
  const parts = [
    GENERATED,
    "# Commands",
    `People speak to Tidegate in comments on a release's pull requests: its open step, the steps that have merged, and the bump that it came from. \`/opt-in\` and \`/opt-out\`, which are about a service rather than a release, are heard on any pull request ([opt-in.md](opt-in.md#by-a-comment)). A command is a line of its own; a comment may hold several, at most ten. Capitals, a full stop at the end, pasted line breaks and back-ticks around the whole line are forgiven, and a slip is answered with what was probably meant.
Nothing is heard in code, quotes, headings, lists, tables, links, images, HTML and HTML comments, in the middle of a sentence, in reviews and comments on lines of code, or in a comment that was edited after it was written.`,
    "## What can be said",
    table(["command", "what it does", "for example", "needs"], VERBS.map(wordsRow)),
    "## Who may",
    `The access that a command needs is what GitHub says at the moment of asking; what GitHub does not say is taken for no. The same answer is given for comments and for the buttons of a check. A letter is a refusal, told below as it is told to the person, here "ana", about the service "checkout".`,
    matrix(WITHOUT_RULE, reasons),
    `\`commands\` in \`.github/tidegate.yml\` narrows this, by command and by path of the service's manifests. Where rules name a command, one of them must fit as well as the access; within a rule a role (exactly that one), a team, a login or the code owners of the canary's manifest is enough. Here one rule names every command: for the team \`acme/payments\` in the first three columns, for code owners in the others.`,
    matrix(WITH_RULE, reasons),
    reasons.map((reason, index) => `- ${letterOf(index)}: "The command is for ${reason}"`).join("\n"),
  ];
  return { path: "docs/commands.md", text: `${parts.join("\n\n")}\n` };
}

function ana(changes: Pick<Human, "permission" | "role"> & Partial<Human>): Human {
  return { login: "ana", teams: [], codeOwner: false, byBot: false, ...changes };
}

function wordsRow(verb: Verb): readonly string[] {
  const { usage, help, examples, needs } = GRAMMAR[verb];
  return [`\`${usage}\``, help, examples.map(({ line }) => `\`${line}\``).join("<br>"), needs];
}

function matrix(columns: readonly Column[], reasons: readonly string[]): string {
  const rows = VERBS.map((verb) => [`\`/${verb}\``, ...columns.map((column) => cellOf(verb, column, reasons))]);
  return table(["", ...columns.map(({ head }) => head)], rows);
}

function cellOf(verb: Verb, column: Column, reasons: readonly string[]): string {
  const [reason] = reasonOf(verb, column);
  return reason === undefined ? "yes" : letterOf(reasons.indexOf(reason));
}

/** The end of the refusal, the same for all commands that are refused alike; none where it is allowed. */
function reasonOf(verb: Verb, { human, allow }: Column): readonly string[] {
  const rules = allow === undefined ? [] : [{ verbs: [verb], allow }];
  const answer = authorize(human, verb, { service: name("checkout"), rules });
  return answer.kind === "allowed" ? [] : [answer.why.slice(answer.why.indexOf(" is for ") + " is for ".length)];
}

function letterOf(index: number): string {
  return String.fromCodePoint("a".charCodeAt(0) + index);
}
