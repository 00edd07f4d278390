import { BESIDES, EVENTS, MOMENTS, type Event } from "./events.ts";
import { BY_PLACE, CHANGING, STAGE_NAMES, VERB_BY_STAGE, type Exception, type Meaning } from "./meanings.ts";
import { GENERATED, table, type Page } from "./page.ts";

/** The page of what people do and what it means, from the tables that the tests hold the code to. */
export function peoplePage(): Page {
  const parts = [
    GENERATED,
    "# What people do, and what it means",
    "Git is the intent. Whatever a person does in the repository or on GitHub has one meaning, and the next look acts on it; what is lost on the way, such as a webhook, is found by a later look. The tables here are the ones that the tests compare the code with, cell by cell. Who may say what is told on the [page of commands](commands.md).",
    "## By hand",
    table(
      ["what people do", "what it means"],
      [...Object.values(EVENTS), ...BESIDES].map(({ what, means }) => [what, means]),
    ),
    "A gate that fails, and another version under the weight, come before all of these: the release is taken back whoever holds it.",
    "## What the next look does",
    "The steps stand for all of their kind: 5% for a weight with more to come, 50% for the last one before promotion. An empty cell cannot happen.",
    table(
      ["", ...MOMENTS],
      Object.values<Event>(EVENTS).map(({ what, does }) => [what, ...does]),
    ),
    "## By a command",
    "Said by somebody who may, on the pull request of the open step; at rest, on the one that was open last. The commands that only ask are answered at every stage.",
    table(
      ["", ...CHANGING.map((verb) => `\`/${verb}\``)],
      STAGE_NAMES.map((stage) => [stage, ...VERB_BY_STAGE[stage]]),
    ),
    MEANINGS.map(([meaning, words]) => `- ${meaning === "-" ? "\\-" : meaning}: ${words}`).join("\n"),
    "Elsewhere the same is meant, but for these:",
    Object.entries(BY_PLACE)
      .flatMap(([place, exceptions]) => placeItem(place, exceptions))
      .join("\n"),
    `A command is obeyed once. A second \`/promote\` never lets a second step merge: it counts for the step that was open when it was said, which is why one that was said before the last landing, or in its very second, is answered with a request to say it again. Several commands in one look take effect in the order in which they were said; one that is merged at once (${["abort", "adopt", "retry", "rollback"].map((verb) => `\`/${verb}\``).join(", ")}) ends that look.`,
  ];
  return { path: "docs/people.md", text: `${parts.join("\n\n")}\n` };
}

const MEANINGS: readonly (readonly [Meaning, string])[] = [
  [
    "override",
    "the open step merges without its gate, by the word of whoever said it; a hold is lifted by it. A draft still waits to be marked ready.",
  ],
  [
    "abort",
    "the release ends: the weight goes to 0, the image is taken back, the version is blocked; once stable has the version, stable is given back first.",
  ],
  ["hold", "nothing merges until `/resume`; what fails is taken back all the same."],
  ["lift", "the hold is over; a closed pull request is followed by a new one."],
  ["rebuild", "the step's branch is made anew, and the reply names the commit that it dropped."],
  ["retry", "the version is not blocked any more; where it was taken back, the canary gets it again, at weight 0."],
  ["adopt", "the state follows what was changed by hand, and the release goes on from there."],
  ["toZero", "the weight goes to 0 at once."],
  ["skip", "the gate is left out to the end of the release. What was baking bakes on."],
  [
    "rollback",
    "stable and canary get the newest earlier version that is not blocked, or the one that is named; what they leave is blocked.",
  ],
  ["waits", "it is heard again, and answered, as soon as what goes first is done."],
  ["-", "nothing changes, and the reply says why."],
];

const PLACE_WORDS: Readonly<Record<string, string>> = {
  landed: "a step that has landed, or whose pull request was closed for another one",
  bump: "the bump of the release",
  past: "a pull request of an earlier release",
  proposal: "a pull request that would bump the service and has not landed",
};

function placeItem(place: string, exceptions: readonly Exception[]): readonly string[] {
  if (exceptions.length === 0) return [];
  const clauses = exceptions.map(({ verbs, stages, meaning }) => {
    const who = verbs.length === CHANGING.length ? "all else" : verbs.map((verb) => `\`/${verb}\``).join(" and ");
    const where = stages === undefined ? "" : ` (${stages.join("; ")})`;
    return `${who}${where}: ${meaning === "-" ? "nothing" : "as there"}`;
  });
  return [`- On ${PLACE_WORDS[place] ?? place}: ${clauses.join(", ")}.`];
}
