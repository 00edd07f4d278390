import { FORMS } from "../src/adapters/metrics/providers/table.ts";
import { sharedSchema } from "../src/config/json-schema.ts";
import { keysIn, typeText } from "./configuration-page.ts";
import { GENERATED, table, type Page } from "./page.ts";

const HEAD = `# Configuration that several repositories share

${GENERATED}

\`extends: acme/platform\` lays \`.github/tidegate.yml\` over \`.github/tidegate-org.yml\` of that repository, which must be of the same owner. What the file does not say goes as the shared one says it:

| key | where both say something |
|---|---|
| \`gates\`, \`measure\`, \`pace\` | key by key, the file's own value goes |
| \`metrics\`, \`targets\` | by name; of one name the file's own entry goes whole |
| \`services\`, \`commands\` | the file's own entries come first, those of the shared file after them: the first of \`services\` that names a service goes, and who fits any of the rules for a command may give it |
| \`policy\` | key by key, the file's own value goes; of \`places\` and \`exempt\` the file's own entries come first |
| everything else | the file's own value goes whole |

The shared file may say what this one may, but for what is about places in a repository: \`extends\`, \`targets[].path\`, \`gates.templates\` and \`gates.analysis\`. It extends nothing itself: a value has two files at most where it may come from. Only that one file of a repository is ever read for others, so that naming a repository shows nothing of it that was not meant to be shared; what it says is shown in the checks of those that extend it.

Its \`enforced\` holds them. Whatever a repository's own file says, by \`waves\`, \`services\`, \`expedite\` or for all, the strictest of both goes for each service in each target. What asks for less is no reason to stop releases: the enforced value goes instead, and \`config check\` says where it stands, what was found and what is allowed. What is not in this table has no order of strictness, and is not enforced.`;

const TAIL = `## Who says what is extended

A repository says it by \`extends\`. What a line in a repository brings about, whoever may write there can take out again; so the operator says it too: \`CONFIG_REPOSITORY=acme/platform\` has every repository of \`acme\` extend \`acme/platform\`, whether it says so or not, and then no other. Without either nothing is shared: no repository is extended for its name.

The file is read from the default branch of that repository, by its own mirror, with the installation that covers the repository which extends it: only repositories of the same owner are read, and the App must be installed on them. Until the App can read it for the first time in a process, nothing begins and nothing rises in those that extend it, and their checks say so; what is under way is watched by what their own file says, and taken back where that fails or somebody says \`/abort\`. What has been read once goes on while it cannot be read again, and no look waits for it. Where the file is broken, or taken away, its newest version that can be read goes; to end what is enforced, take the lines out of \`enforced\`.

A push to it is seen at once, and those that extend it are looked at one after the other, four a second; a process that heard of no push notices within half a minute of a look, or with the sweep. It goes for releases under way as a change of the repository's own file does: bake, gates and who may command at the next look; steps where the release has not been yet, and one that changes a step that the release stands on holds it until a person decides.

A pull request that changes it gets a \`tidegate/plan\` of its own in that repository: whether the file is understood, whose releases would go otherwise, which words of which repository would not go any more, and which repository could not use its configuration any more, for which the check fails. It asks at most twenty of the repositories that extend it and that the process has looked at. One that is removed fails as well. In a repository that extends it, a pull request whose configuration asks for less than is enforced fails its check, with both lines.

## In a checkout

\`config check\` and \`config explain\` take what is extended from a checkout: \`--extends ../platform\`. In a checkout of that repository, \`config check .github/tidegate-org.yml\` checks the shared file by itself.`;

function enforcedTable(): string {
  const below = "enforced.";
  const keys = keysIn(sharedSchema(FORMS), "").filter(
    ({ key }) => key.startsWith(below) && !/^enforced\.(?:metrics\.|commands\[)/.test(key),
  );
  const rows = keys.map(({ key, schema }) => [`\`${key}\``, typeText(schema), schema.description ?? ""]);
  return table(["key", "what may be written", "what it holds to"], rows);
}

/** What an organisation may say for its repositories, and what it may enforce. */
export function sharedPage(): Page {
  return { path: "docs/shared-configuration.md", text: `${HEAD}\n\n${enforcedTable()}\n\n${TAIL}\n` };
}
