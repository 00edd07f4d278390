import { existsSync, readFileSync } from "node:fs";
import { shippedTemplates } from "../src/operator/shipped-templates.ts";
import { templateSchema } from "../src/template/json-schema.ts";
import { libraryOf } from "../src/template/library.ts";
import type { Template } from "../src/template/model.ts";
import { formText } from "../src/template/parameters.ts";
import { conditionText, driveText, kindText, planText, usualText } from "../src/template/words.ts";
import { keysIn, typeText } from "./configuration-page.ts";
import { GENERATED, table, type Page } from "./page.ts";

const HEAD = `# Templates

${GENERATED}

A template says how a service is rolled out: what moves its traffic, which objects that takes beside its own, what whoever opts the service in may say, and by which steps releases rise where the configuration says nothing. Each is a folder with a \`template.yaml\`: those of Tidegate under [\`templates/\`](../templates), those of a repository under \`.tidegate/templates/<name>/\`, read from its default branch.

\`\`\`sh
npx tidegate templates                 # all that there are, those of this checkout included
npx tidegate templates canary-istio    # one of them, with all that may be said to it; --json for machines
npx tidegate config check              # what is wrong with the checkout's own, by file and line
\`\`\`

## Those that are shipped`;

const LACKING = `Each folder has a page that says what it is for, what it adds, how traffic moves, what the cluster needs, and what its limits are. By those of Argo Rollouts services are opted in in two steps ([opt-in.md](opt-in.md#a-rollout-in-two-steps)).

\`canary-knative\` is for Knative Services alone, and no other template is ([knative.md](knative.md)).

\`canary-flagger\`, experimental, is for services that a Canary of Flagger's runs already ([flagger.md](flagger.md)). What is not shipped: one that puts a Canary beneath a Deployment that serves, since requests are lost on the way. AWS ended App Mesh on 30 September 2026; whom \`canary-app-mesh\` is still for says [its page](../templates/canary-app-mesh/README.md). Kinds of routes that have no template here, such as Gloo's RouteTable, are for templates of your own.`;

const FORMAT = `## Writing one

A platform's own canary behind its gateway, \`.tidegate/templates/shop-canary/template.yaml\`:

\`\`\`yaml
version: 1
title: Canary behind the shop's gateway
summary: An HTTPRoute on the shop's gateway, with a time limit, and a watch over the canary's slowest requests.
parameters:
  hostnames:
    type: hostnames
    help: The host names that the route answers to.
  timeout:
    type: duration
    help: How long a request may take; without it, as long as it likes.
    default: null
  tier:
    type: text
    choices: [internal, public]
    help: Which of the shop's gateways it is.
    default: internal
drive: { route: HTTPRoute }
objects:
  route.yaml:
    unless: routed
    object:
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata:
        name: \${route}
        namespace: \${namespace}
        labels: { tier: "\${tier}" }
      spec:
        parentRefs: [{ name: "\${tier}", namespace: gateways }]
        hostnames: \${hostnames}
        rules:
          - timeouts: { request: "\${timeout}" }
            backendRefs:
              - { name: "\${services.stable}", port: "\${port.number}", weight: 100 }
              - { name: "\${services.canary}", port: "\${port.number}", weight: 0 }
plan:
  steps: [2, 10, 25, 50]
  bake: 15m
  gates: { latency: { regression: 20% } }
\`\`\`

With \`hostnames=shop.example.com\` and nothing else said, a service \`checkout\` of the namespace \`shop\` with the port 80 gets this \`route.yaml\`; \`timeouts\` is left out, because all that it held was not given:

\`\`\`yaml
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: checkout
  namespace: shop
  labels:
    tier: internal
spec:
  parentRefs:
    - name: internal
      namespace: gateways
  hostnames:
    - shop.example.com
  rules:
    - backendRefs:
        - name: checkout
          port: 80
          weight: 100
        - name: checkout-canary
          port: 80
          weight: 0
\`\`\`

What a template never has among its objects: the canary's workload, its Service, and the pin of stable. Opting in makes these from what the service has.`;

const RULES = `\`drive\` says what moves the traffic. \`{ route: <kind> }\`: Tidegate writes the weight, and \`objects\` has a \`route.yaml\` of that kind with \`unless: routed\`; where the service has such a route already, the canary is joined to that one instead, and nothing that says \`unless: routed\` is made. \`{ rollout: <kind> }\` or \`{ rollout: pods }\`: an Argo Rollout's controller moves a route of that kind, or the number of pods makes the share; \`objects\` has a \`rollout.yaml\` with a \`workloadRef\` and the steps of rest ([rollouts.md](rollouts.md)). \`{ rollout: blue-green }\`: its controller switches all of the traffic; the Rollout has a \`previewService\` and \`autoPromotionEnabled: false\`, and the plan is \`[0, 100]\`. \`{ canary: flagger }\`: what a Canary moves that is there already; \`objects\` has none. The kinds are those of [routers.md](routers.md).

\`plan\` says what an entry of \`services\` in the configuration may say: steps, bake and gates. Waves are the configuration's alone, since they name a repository's targets; capacity follows from the weights.

## References

\`\${name}\` stands for a parameter or a fact. References are followed in values that have been parsed, never in text: whatever is given can be no more than a value where one was.

- A value that is one reference alone has the value with its type: \`port: \${port.number}\` is a number, \`hostnames: \${hostnames}\` a list, \`matchLabels: \${selectors.canary}\` a mapping. Within text it is text; neither a list nor a mapping may stand there. \`$\${\` is a literal \`\${\`. A key has no reference, or is one alone, to a single value.
- What refers to a parameter with \`default: null\` that is not given, or to a fact that the service does not have, is left out; so is a mapping or a list that held nothing else.
- An item of a list \`{ for: hostname, in: hostnames, each: … }\` stands for one item for each value, for the one value of what is no list, and for none of what is absent; with \`is: <text>\` beside \`in\`, of those values alone that are so. Within \`each\` the new name can be referred to. It does not nest.
- A parameter without a \`default\` must be given where an object that is made refers to it, and only there.

| fact | what it is |
|---|---|
| \`service\`, \`namespace\`, \`target\` | what the service is called, where it runs, which target this is |
| \`services.stable\`, \`services.canary\` | the Services of the arms |
| \`workloads.stable\`, \`workloads.canary\` | their workloads |
| \`selectors.stable\`, \`selectors.canary\` | mappings: the labels by which each arm's pods are told from all others; they stand alone as a value, and not in a template that drives a Rollout, whose pods have the same labels in both arms |
| \`port.number\`, \`port.name\` | of stable's Service, the first; the name is absent where it has none |
| \`replicas\` | the most pods that stable has; absent where an autoscaler says it |
| \`route\` | what the route is called: the one that is there, or the one to make |

Names are those in the cluster.

## Building on another

\`extends: <name>\` lays a template over one other, of Tidegate's or of the repository. Key by key: parameters by name (so a new \`default\` alone is enough), objects by file and then by their own keys, the plan by its keys; a list goes as a whole, and \`null\` takes away an object, or a key of one. \`title\` and \`summary\` are each template's own. One base, because of two the order would decide without a word; at most five files make one template; a chain that comes back to itself is refused with all of it.

\`.tidegate/templates/shop-apisix/template.yaml\`:

\`\`\`yaml
version: 1
title: Canary behind the shop's APISIX
summary: As Tidegate's, for the controller of the class shop, with a longer bake.
extends: canary-apisix
parameters:
  path: { default: /shop/* }
objects:
  route.yaml: { object: { spec: { ingressClassName: shop } } }
plan: { bake: 30m }
\`\`\`

A repository's template may not be called like one of Tidegate's: it would be unclear which of the two a state file means. What is extended is so by name, and comes with the version of Tidegate that runs; a service keeps the objects that it was opted in with.

## Every key`;

/** The format of templates, and the list of those that are shipped. */
export function templatesPage(): Page {
  const shipped = templates();
  const list = shipped.map((one) => [
    `[\`${one.name}\`](../templates/${one.name}/README.md)`,
    one.title,
    driveText(one.drive),
  ]);
  const keys = keysIn(templateSchema(), "")
    .filter(({ key }) => !key.startsWith("plan.gates."))
    .map(({ key, schema }) => [`\`${key}\``, typeText(schema), schema.description ?? ""]);
  const parts = [
    HEAD,
    table(["name", "what it is", "what moves the traffic"], list),
    LACKING,
    FORMAT,
    RULES,
    table(["key", "what may be written", "meaning"], keys),
    "Editors complete and check the file by [schemas/template.schema.json](../schemas/template.schema.json). Files are plain YAML without anchors, aliases and tags, of at most 256 KiB; a repository has at most 200 templates.",
  ];
  return { path: "docs/templates.md", text: `${parts.join("\n\n")}\n` };
}

const BEGIN = "<!-- What follows is written by `npm run docs` from template.yaml; edits are overwritten. -->";
const END = "<!-- What follows is written by hand. -->";

/** The page of each shipped template: its own words around what template.yaml says. */
export function templatePages(): readonly Page[] {
  return templates().map((template) => {
    const path = `templates/${template.name}/README.md`;
    const text = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
    const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (before < 0 || after < before) throw new Error(`${path} lacks the two marks of what is generated.`);
    return { path, text: `${text.slice(0, before)}${BEGIN}\n\n${saidBy(template)}\n\n${text.slice(after)}` };
  });
}

const REST = "the pin of stable's version and the state file ([layouts](../../docs/layouts.md)).";

const BESIDE = `Beside these opting in writes the canary and its Service, ${REST}`;

const BESIDE_KNATIVE = `Beside these opting in writes the canary, ${REST}`;

const BESIDE_A_ROLLOUT =
  "Beside these opting in writes the canary's Service, unless pods make the share, what takes the Deployment's pods, and the state file, in two steps ([opting in](../../docs/opt-in.md#a-rollout-in-two-steps)).";

function saidBy({ name, parameters, objects, plan, drive }: Template): string {
  const rows = parameters.map((one) => [`\`${one.name}\``, formText(one), usualText(one), one.help]);
  const added = objects.map((one) => [`\`${one.file}\``, kindText(one), conditionText(one)]);
  return [
    `Traffic: ${driveText(drive)}. Plan: ${planText(plan)}.`,
    "## What it adds",
    ...(added.length === 0 ? [] : [table(["file", "kind", "made"], added)]),
    besideText(drive),
    "## Parameters",
    rows.length === 0 ? "It has none." : table(["name", "what may be given", "unless it is", "meaning"], rows),
    ...exampleOf(name),
  ].join("\n\n");
}

const BESIDE_A_CANARY =
  "No object. Opting in writes the two lists of the Canary that is there, at rest, and the state file, in one step ([opting in](../../docs/opt-in.md#a-canary-of-flaggers-that-is-there)).";

function besideText({ kind, router }: Template["drive"]): string {
  if (kind === "canary") return BESIDE_A_CANARY;
  if (kind === "rollout") return BESIDE_A_ROLLOUT;
  return router === "KnativeRoute" ? BESIDE_KNATIVE : BESIDE;
}

/** What is said in the example, where there is one. */
function exampleOf(name: string): readonly string[] {
  const path = new URL(`../templates/${name}/example/commands.txt`, import.meta.url);
  if (!existsSync(path)) return [];
  return [
    "## Example",
    `In [these manifests](example/input) of one service in an overlay and another in a plain folder,\n\n\`\`\`sh\n${readFileSync(path, "utf8")}\`\`\`\n\nwrite [this](example/output), with the commit that it is done at as the state's \`revision\`.`,
  ];
}

function templates(): readonly Template[] {
  const { templates: all, problems } = libraryOf(shippedTemplates(), []);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return [...all.values()];
}
