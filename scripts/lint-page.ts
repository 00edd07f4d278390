import { ruleTables } from "../src/lint/text.ts";
import { GENERATED, type Page } from "./page.ts";

const HEAD = `# What \`tidegate lint\` finds

${GENERATED}

\`tidegate lint\` looks in a checkout of a GitOps repository for what would lose traffic in a release, or makes one that cannot be trusted: for every service, whether it is under Tidegate or not. It asks no cluster and writes nothing.

\`\`\`sh
npx tidegate lint                      # the checkout that this folder lies in, as it is on disk
npx tidegate lint --service checkout   # what is about one service
npx tidegate lint --rule two-providers # one rule
npx tidegate lint --rules              # which rules there are
npx tidegate lint --strict             # warnings fail as well
npx tidegate lint acme/gitops          # through the App; needs the environment of tidegate start
\`\`\`

Each finding has its file and line; each rule says why that is a pitfall and what mends it. An **error** loses traffic, or makes a release that cannot be trusted. A **warning** bites under circumstances that the repository does not say. The exit status is 0 without errors (with \`--strict\`: without anything), 1 with some, 2 for wrong words.

## What is read, and what is not known

Manifests are read as what delivers them renders them: Kustomize with its bases, components, prefixes and namespaces, folders of Flux and of Argo CD, plain files. A pitfall in a base is told once, however many overlays have it. Where something is not known, nothing is said:

| not known | so |
|---|---|
| what a chart or a template makes, what lies on another machine or in another repository, what a kustomization lists and is not here | nothing is missing in a namespace into which any of these is delivered; where no namespace is said, nothing that lies with it or has its name |
| what a patch, a replacement, a transformer or a label for everything changes | what it may touch of an object counts as right |
| values that Flux or a template fills in (\`\${…}\`, \`{{ … }}\`) | they count as right |
| what operators make of their own objects (Services, pods) | a Service whose name begins with that of such an object counts as there, and pods are missing only for a Service that is evidently for a workload beside it |
| files of one folder that say the same of one object | they are examples to choose from: each is looked at for itself |

**A host without a Service** is an error only where the repository shows Services of its namespace and nothing else brings objects there: Services that are rendered with the route, or, in the same namespace of another folder, one whose name is nearly the same, since that may be another cluster's. A host in a namespace that the repository does not show, or outside of the cluster, is none: another repository may have it. Services that Flagger or Knative makes, hosts of a ServiceEntry, and names of Admiral's (\`….global\`, \`….mesh\`) are no missing Services.

**A Service that takes no pods** is an error only where the pods that lie with it contradict its selector: a label with another value, or none of its labels. A label that they lack beside others that fit may be given at run time, by who elects a leader.

## Allowing a finding

A comment allows a rule, with its reason, which is required. On a line with something else it is about that line; on a line of its own about the next one; above all else in a document about the whole document.

\`\`\`yaml
# tidegate-lint: allow analysis-in-cluster because the payments team reverts by hand
apiVersion: argoproj.io/v1alpha1
kind: Rollout
\`\`\`

What is allowed is counted, and is in \`--json\` (\`suppressed\`) and in SARIF. A comment that names no rule, or gives no reason, fails like an error. So does a kustomization that makes more than 20,000 objects, or of as many files: what comes after them is not read, and nothing is said of it.

## In CI

On pull requests the App shows by itself which findings are new, in the check \`tidegate/policy\` ([policy.md](policy.md)). Without it, or for a repository as a whole, this is how it is held to its rules:

\`\`\`yaml
on: [pull_request]
jobs:
  lint:
    runs-on: ubuntu-latest
    permissions: { contents: read, security-events: write }
    steps:
      - uses: actions/checkout@v5
      - run: npx tidegate lint --sarif > tidegate.sarif
      - if: always()
        uses: github/codeql-action/upload-sarif@v4
        with: { sarif_file: tidegate.sarif }
\`\`\`

\`--json\` prints one object: \`version\`, \`repository\`, \`errors\`, \`warnings\`, \`allowed\` (how many), and lists: \`findings\` (\`rule\`, \`severity\`, \`path\`, \`line\`, \`what\`, \`services\`), \`suppressed\` (the same with \`because\`), and \`refusals\` (comments that are not understood, and kustomizations of which not all is read).

What Tidegate says of services that are under it before a bump is merged is on [before.md](before.md); what else is dangerous about analysis templates, with safe forms, is told by \`tidegate analysis lint\` ([analysis.md](analysis.md)).`;

/** The page of the linter: how to use it, and its catalogue. */
export function lintPage(): Page {
  return { path: "docs/lint.md", text: `${HEAD}\n\n${ruleTables()}\n` };
}
