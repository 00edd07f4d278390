import { ROUTER_KINDS, type RouterKind } from "../src/core/state.ts";
import { ROUTER_FACTS, weightText } from "../src/manifest/routers/catalogue.ts";
import { ROUTERS } from "../src/manifest/routers/drive.ts";
import { UNDRIVEN } from "../src/manifest/routers/undriven.ts";
import { GENERATED, table, type Page } from "./page.ts";
import { EXAMPLES } from "./routers-examples.ts";

/** The kinds of routes, and what is the same for all of them. */
export function routersPage(): Page {
  const parts = [
    "# Routers",
    GENERATED,
    "A router reads and writes one thing: the canary's share of what both arms of a service get, in per cent. It edits text; it talks to no cluster. Everything else in the file (comments, order, quotes, other routes, other backends) stays byte for byte, and every edit is read again before it counts. They are in `src/manifest/routers/`, held to the same laws (`test/manifest/routers/laws.test.ts`). `npx tidegate routers` lists them, with `--json` for programs.",
    table(["`router`", "of", "the share stands in", "weights", "arms", "rules for testers"], ROUTER_KINDS.map(rowOf)),
    "Besides these a share may be a number in Helm values, or two `setWeight` of an Argo `Rollout`; both have a section below. Where several makers call a kind the same, the name of the others' maker stands before it: `VirtualService` is Istio's, `GlooVirtualService` Gloo's. What the arms' pods answer is counted where the [data plane](data-planes.md) counts it, whatever moves the traffic.",
    SAME,
    TESTERS,
    MIRRORS,
    JOINING,
    ...ROUTER_KINDS.flatMap(exampleOf),
    VALUES,
    ROLLOUTS,
    "## Not driven",
    table(
      ["kind", "of", "shares stand in", "because"],
      UNDRIVEN.map(({ kinds, of, weights, because }) => [codes(kinds), of, codes(weights.map(weightText)), because]),
    ),
    CHECKED,
  ];
  return { path: "docs/routers.md", text: `${parts.join("\n\n")}\n` };
}

function rowOf(router: RouterKind): readonly string[] {
  const { of, weights, scale, arms, testers = "" } = ROUTER_FACTS[router];
  return [`\`${router}\``, of, codes(weights.map(weightText)), scale, arms, testers];
}

function exampleOf(router: RouterKind): readonly string[] {
  const example = EXAMPLES[router];
  if (example === undefined) return [];
  const { of } = ROUTER_FACTS[router];
  const entry = ROUTERS[router].entry.kind === "object" ? ["The canary's object is made from stable's."] : [];
  const notes = [example.notes, ...entry].filter((text) => text !== "").join(" ");
  return [`## ${router} (${of})`, `\`\`\`yaml\n${example.yaml}\`\`\``, ...(notes === "" ? [] : [notes])];
}

function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

const SAME = `## What is the same for all

- The share is a whole per cent, and the same in every rule that sends to both arms, but for [testers](#testers). Rules that send to one arm only, to neither, or nowhere (redirects, delegates) stay as they are, and so do mirrors to others than the [canary](#mirrors): where a rule sends testers to the canary by a header, it goes on doing so at weight 0.
- Other backends keep their weights. The sum of the two arms stays what it was: 20 of 80 beside a third backend's 20 is 25 %. A share that cannot be written in that sum is refused beside other backends; where the two are alone, the sum becomes 100.
- A missing canary is not invented: the refusal says what to write.
- Read after set gives what was set; set twice is set once; setting the share that is there changes no byte, and setting it back gives the very same file wherever weights were written out and their sum could hold the share.
- What is more than it seems is refused: templates, anchors, aliases, merge keys, tags, a key twice, numbers in quotes, text without.

A refusal names the file, the line, what was found and what is allowed:

\`\`\`
apps/checkout/route.yaml:11: found 50% for checkout-canary in spec.http[1] of VirtualService "checkout" and 25% in spec.http[0] ("primary") of VirtualService "checkout"; every rule with both of them has the same share.
\`\`\``;

const TESTERS = `## Testers

\`\`\`yaml
http:
  - name: testers
    match:
      - headers: { x-tester: { exact: "yes" } }
    route:
      - { destination: { host: checkout-stable }, weight: 100 }
      - { destination: { host: checkout-canary }, weight: 0 }
  - route:
      - { destination: { host: checkout-stable }, weight: 100 }
      - { destination: { host: checkout-canary }, weight: 0 }
\`\`\`

A rule with both arms that takes no request without some header, or cookie, is for testers, as the table above says for each kind; it comes before the one for everybody, by its place, by its priority or by being more exact. A header that every request has (\`host\`, and Istio's that begin with a colon) does not count, nor does what a header must not be. At rest both send to stable. A step \`{ testers: true }\` of the configuration sends testers to the canary, the weights of these rules becoming 0 and 100, while the weight of everybody stays 0; every other weight goes for both alike, so that the arms get alike traffic from the first weight on, and an abort, or the end, puts both to 0 in one commit. Such a rule comes with a template ([ab-header-istio](../templates/ab-header-istio/README.md), and the like for the [Gateway API](../templates/ab-header-gateway-api/README.md), [NGINX](../templates/ab-header-nginx/README.md), [Contour](../templates/ab-header-contour/README.md) and [Traefik](../templates/ab-header-traefik/README.md)), or people write it. \`tidegate/plan\` says where it is missing, and no release begins then; an Argo Rollout has none. What else a rule matches, and whether another one before it takes its requests, is not looked at.

A canary Ingress of NGINX has no rules. It asks for the header before it asks for the weight, so that by \`canary-by-header\` alone, by a value or by \`canary-by-cookie\` requests choose the canary at every weight, 0 among them; and one that says \`canary: "false"\` would be read as an Ingress for everybody. Testers are those of a pattern that has a switch:

\`\`\`yaml
nginx.ingress.kubernetes.io/canary: "true"
nginx.ingress.kubernetes.io/canary-by-header: X-Tester
nginx.ingress.kubernetes.io/canary-by-header-pattern: ".^yes$"
nginx.ingress.kubernetes.io/canary-weight: "0"
\`\`\`

\`.^\` is met by nothing, for nothing stands before a beginning; a step for testers writes \`^^yes$\` at weight 0, which is \`^yes$\`, and every other change writes \`.^yes$\` again. Behind the switch stands no quantifier, and a \`|\` only within \`.^(…)$\`. A cookie is met by the header \`Cookie\`, such as with \`.^(.*\\s)?staff=yes(\\W.*)?$\`; the controller takes neither a space nor a \`;\` in a pattern. Any other pattern stays as people wrote it.

No rules for testers have \`TLSRoute\` and \`TCPRoute\`, which know no headers; \`OpenShiftRoute\`, which matches hosts and paths alone; \`TrafficSplit\`, \`ServiceSplitter\`, \`TraefikService\` and \`UpstreamGroup\`, whose headers are matched by objects beside them, each with a split of its own; and \`Mapping\`, of which those with headers are weighed apart from those without.`;

const MIRRORS = `## Mirrors

\`\`\`yaml
http:
  - route:
      - { destination: { host: checkout-stable }, weight: 100 }
      - { destination: { host: checkout-canary }, weight: 0 }
    mirror: { host: checkout-canary }
    mirrorPercentage: { value: 0 }
\`\`\`

A mirror sends copies of requests, and nobody gets what comes back. In a rule with both arms the one to the canary is Tidegate's; at rest it stands at 0. A step \`{ mirror: 25 }\` of the configuration writes 25 there at weight 0, and every other change writes 0 with the weight, an abort's first commit too. Mirrors to anybody else, and those of rules with one arm, stay as people wrote them.

${table(["`router`", "the percentage stands in"], ROUTER_KINDS.flatMap(mirrorRow))}

**A copied request is a request.** The canary does with it whatever the version does: it writes to the database, sends the mail, books the money, calls other services, a second time. Mirror what only reads, or what may be done twice, or a canary that has its writes to itself (a copy of the database, a flag that holds them back). No template and no default mirrors without being asked for.

All mirrors to the canary have the same percentage, a whole one. One without copies everything (so both APIs have it): it is read as 100, and a percentage is added when less is to be copied. Other ways of saying it (\`mirrorPercent\`, \`fraction\`) are refused. Where the route has no mirror to the canary, \`tidegate/plan\` says what to write, and no release with such a step begins; an Argo Rollout has none. A template brings one ([dark-release-istio](../templates/dark-release-istio/README.md)).

- **Istio**: 0 is none (istio 86c9f01f, \`pilot/pkg/networking/core/route/route.go\`, MirrorPercent). \`mirror\` and \`mirrors\` are read. A copy's host ends in \`-shadow\`, unless istiod is told otherwise (\`DISABLE_SHADOW_HOST_SUFFIX\`).
- **Gateway API**: \`percent\` is in the standard channel since 1.3, from 0, and *extended*: an implementation need not have it. Look for \`HTTPRouteRequestPercentageMirror\` among the \`supportedFeatures\` of the GatewayClass. One that does not know it copies **every** request at 0 as well (Contour at 31c4bb38 does), and a cluster whose definitions are older drops the key. Then the canary gets copies from its warm-up on: the release waits as syncing, because a canary at weight 0 still gets requests.
- **Contour's HTTPProxy** is not among them: there a mirror with weight 0 copies everything (\`internal/dag/httpproxy_processor.go\`), and no other number means none.`;

function mirrorRow(router: RouterKind): readonly (readonly string[])[] {
  const { mirrors } = ROUTER_FACTS[router];
  return mirrors === undefined ? [] : [[`\`${router}\``, codes(mirrors.map(weightText))]];
}

const JOINING = `## How the canary comes into a route

Opting in *joins* the canary: in every rule that sends to stable, its backend is added beside stable's at weight 0, with stable's other keys (port, namespace, filters …) and the name in stable's spelling. No other byte changes. Refused: a rule that has other backends or the canary already, stable at weight 0, and whatever is more than it seems. Opting out takes the canary's backend away again, only at weight 0, and only while no other rule sends to it.

Nothing is remembered beside the text, and yet leaving gives the very same bytes. Where stable's weight is not written, joining writes it out as 100, and the canary stands *before* stable; else it stands behind. Leaving a rule in which the canary stands first takes stable's weight away with it: alone, a backend gets everything with or without one. That holds after releases too, unless stable's weight was a number that cannot hold every share (1, say): it has become 100 then, and stays.

Where the share stands in an object of the canary's own (\`Ingress\`, \`Mapping\`), that object is made from stable's instead, and goes with the folder that it is written into.`;

const VALUES = `## Helm values

\`\`\`yaml
canary:
  weight: 25
  replicas: 2
\`\`\`

A whole number at a path of keys such as \`canary.weight\` (a dot within a key has a backslash before it). Setting adds a missing last key beside its neighbours; reading refuses it, because what the chart would take for it is not known. A path through a list or a single value is refused. The file is plain YAML of one document.`;

const ROLLOUTS = `## Argo Rollouts

\`\`\`yaml
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout }
spec:
  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }
  strategy:
    canary:
      steps:
        - setWeight: 5
        - setWeight: 25
        - pause: {}
\`\`\`

The list always has this shape: from, to, pause. Rest is 0, 0, pause; a step moves the two numbers; for the promotion \`to\` is 100 and the pause is \`{duration: 1s}\`, and nothing else runs out. Any other list is refused with what to write. Opting in replaces it once, whatever it was, by that of rest; \`tidegate claim\` prints, or writes, that; the comments between the old steps go with them, every other byte stays. Refused: a \`maxTrafficWeight\` other than 100, and steps in which something is anchored, aliased or templated.`;

const CHECKED = `## How it is checked

Laws on generated objects of every kind (foreign routes and backends, other documents, comments, quotes, orders of keys, flow style, line breaks), of moving a share and of joining and leaving; golden files of documented shapes of every kind in \`test/golden/routers\`. Those of \`VirtualService\`, \`DestinationRule\`, \`Rollout\`, \`ApisixRoute\` and \`TrafficSplit\` validate against the schemas of their CustomResourceDefinitions, before and after, with unknown fields rejected, where the definitions lie beside the repository (\`../shared/data/crds\`); Istio's \`v1\` by the schema of \`v1beta1\`. Those of the others are not among them, and Ingress, a kind of Kubernetes itself, has none.`;
