import { ROUTER_KINDS, type RouterKind } from "../core/state.ts";
import { goldenFolder, ROUTER_FACTS, weightText } from "../manifest/routers/catalogue.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import { UNDRIVEN } from "../manifest/routers/undriven.ts";
import { given, type Terminal } from "./command-line.ts";

const USAGE = `Lists the kinds of objects that split traffic: what a service's state calls each (router: …), where its
weights stand, what they add up to, what the arms are called in it, and whether Tidegate drives it
(docs/routers.md). Nothing is read.

Usage: tidegate routers [--json]

  --json  one JSON object on stdout
  --help  this text

Exit status: 0; 2 for wrong words.
`;

const LAWS = "test/manifest/routers/laws.test.ts";

/** Runs `tidegate routers`; resolves to its exit status. */
export function routers(args: readonly string[], terminal: Terminal): Promise<number> {
  return Promise.resolve(run(args, terminal));
}

function run(args: readonly string[], terminal: Terminal): number {
  const parsed = given(args, { options: ["json", "help"], most: 0 });
  if (parsed.kind === "err") {
    terminal.tell(`${parsed.error}\ntidegate routers --help says what there is.\n`);
    return 2;
  }
  const { switches } = parsed.value;
  if (switches.has("help")) terminal.write(USAGE);
  else terminal.write(switches.has("json") ? `${JSON.stringify(listed(), undefined, 2)}\n` : textOfAll());
  return 0;
}

function listed() {
  const driven = ROUTER_KINDS.map((router) => ({ router, drives: true, ...factsOf(router) }));
  const others = UNDRIVEN.map(({ weights, ...facts }) => ({
    drives: false,
    ...facts,
    weights: weights.map(weightText),
  }));
  return { version: 1, routers: [...driven, ...others] };
}

function factsOf(router: RouterKind) {
  const { weights, mirrors, ...facts } = ROUTER_FACTS[router];
  return {
    ...facts,
    ...(mirrors && { mirrors: mirrors.map(weightText) }),
    weights: weights.map(weightText),
    canary: ROUTERS[router].entry.kind === "beside" ? "beside stable" : "in an object of its own",
    tests: [LAWS, `${goldenFolder(router)}/`],
  };
}

function textOfAll(): string {
  const driven = ROUTER_KINDS.map((router) => {
    const { of, groups, kinds, weights, scale, arms, testers, mirrors = [] } = factsOf(router);
    return [
      `${router}: ${of}`,
      `  ${kinds.join(", ")} of ${groups.join(", ")}`,
      ...weights.map((path) => `  ${path}`),
      `  weights: ${scale}`,
      `  arms: ${arms}`,
      ...(testers === undefined ? [] : [`  testers: ${testers}`]),
      ...mirrors.map((path) => `  mirror: ${path}`),
    ];
  });
  const others = UNDRIVEN.map(({ of, kinds, because }) => `  ${kinds.join(", ")} (${of}): ${because}`);
  const text = `${driven.map((lines) => lines.join("\n")).join("\n\n")}\n\nNot driven:\n\n${others.join("\n")}\n`;
  return text.replaceAll("`", "");
}
