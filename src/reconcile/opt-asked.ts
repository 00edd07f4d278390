import { closest } from "../core/closest.ts";
import { isCommand } from "../core/commands.ts";
import {
  isOptCommand,
  isOpting,
  isPlaying,
  optOfBranch,
  type OptAsked,
  type OptCommand,
  type OptSaid,
  type OptVerb,
  type SaidVerb,
} from "../core/opting.ts";
import { err, ok, type Result } from "../core/result.ts";
import { optFound, type Meaning, type OptAudience } from "./opt-found.ts";
import type { OptGround } from "./opt-ground.ts";
import { optPlayed } from "./opt-played.ts";
import { optPullsIn, type OptPulls } from "./opt-pulls.ts";
import { calledIn, type Unopted } from "./offers.ts";
import type { OptSpoken } from "./people.ts";
import type { Scene } from "./scene.ts";

type Hearing = OptAudience & OptPulls & { readonly unopted: readonly Unopted[] };

/** What unanswered comments ask for, oldest first; `unheard` of them wait because GitHub did not say who their authors are, or how what they are about stands is not known yet. */
export async function observeAsked(
  scene: Scene,
  ground: OptGround | undefined,
  { spoken, ...hearing }: Hearing & { readonly spoken: readonly OptSpoken[] },
): Promise<{ readonly asked: readonly OptAsked[]; readonly unheard: number }> {
  const heard = await Promise.all(
    spoken.map(async (one) => ({ one, said: await saidIn(scene, ground, { ...hearing, one }) })),
  );
  const asked = heard.flatMap(({ one: { comment, by }, said }): readonly OptAsked[] => {
    const all = said.flatMap((each) => each ?? []);
    const { id, pull } = comment;
    return all.length < said.length || said.length === 0
      ? []
      : [{ comment: { id, pull, human: { login: by } }, said: all }];
  });
  return { asked: withoutSuperseded(asked), unheard: heard.length - asked.length };
}

/** Of what is to be pushed to one branch the last word goes. */
function withoutSuperseded(asked: readonly OptAsked[]): readonly OptAsked[] {
  const last = new Map<string, OptSaid>();
  for (const said of asked.flatMap((one) => one.said)) if (isWanting(said)) last.set(keyOf(said), said);
  return asked.map((one) => ({
    ...one,
    said: one.said.map((said) =>
      isWanting(said) && last.get(keyOf(said)) !== said ? { ...said, found: { kind: "superseded" } } : said,
    ),
  }));
}

type Wanting = Extract<OptSaid, { readonly kind: "meant" }>;

function isWanting(said: OptSaid): said is Wanting {
  return said.kind === "meant" && (said.found.kind === "due" || said.found.kind === "open");
}

function keyOf({ verb, service }: Wanting): string {
  return `${verb} ${service}`;
}

type One = Hearing & { readonly one: OptSpoken };

/** What each line comes to; undefined where GitHub does not say who asks, or its pull request waits to be looked into. */
async function saidIn(
  scene: Scene,
  ground: OptGround | undefined,
  { one, ...hearing }: One,
): Promise<readonly (OptSaid | undefined)[]> {
  const { comment, by, about } = one;
  const isOnOpt = optPullsIn(scene).some(({ number }) => number === comment.pull);
  const isHeard = (line: Line) => isOpting(line) || isOnOpt;
  const lines = one.commands.filter(isHeard).map(async (line): Promise<readonly (OptSaid | undefined)[]> => {
    // A bump that somebody has pushed onto it is of releases, and these answer.
    if (!isOpting(line) && !isPlaying(line)) return about.length > 0 ? [] : [elsewhere(line, comment.pull, hearing)];
    if (isPlaying(line)) {
      const pull = hearing.pulls.find(({ number, verb }) => number === comment.pull && verb === "opt-in");
      if (hearing.waiting.some(({ number }) => number === comment.pull)) return [undefined];
      if (pull === undefined || ground === undefined) return [unclear("backtest", NOTHING_HERE)];
      return [await optPlayed(scene, ground, { ...hearing, pull, line, comment, by })];
    }
    if (!isCommand(line)) return [{ kind: "mistaken", error: line }];
    if (!isOptCommand(line)) return [];
    if (ground === undefined) return [unclear(line.verb, TOO_LARGE)];
    const here = servicesOn(scene, ground, { verb: line.verb, pull: comment.pull, about, ...hearing });
    const meant = meaningsOf(ground, line, here);
    if (meant.kind === "err") return [meant.error];
    return Promise.all(meant.value.map((meaning) => optFound(scene, ground, { ...hearing, meaning, comment, by })));
  });
  return (await Promise.all(lines)).flat();
}

type Line = OptSpoken["commands"][number];

/** What a line about releases comes to where there are none; undefined where the pull request waits to be looked into. */
function elsewhere(line: Line, number: number, { pulls, waiting }: OptPulls): OptSaid | undefined {
  // Whatever else is wrong with it, it is about releases.
  if (!isCommand(line) && !("command" in line)) return { kind: "mistaken", error: line };
  const verb = isCommand(line) ? line.verb : line.command;
  if (waiting.some((one) => one.number === number)) return undefined;
  return { kind: "elsewhere", verb, pull: pulls.find((one) => one.number === number) };
}

const TOO_LARGE =
  "this repository has too many files to be read for that; tidegate opt-in and tidegate opt-out do it in a clone.";

const NOTHING_HERE = "ask on a bump of the service, or on a step of its release.";

function unclear(verb: SaidVerb, why: string, choices: readonly string[] = []): OptSaid {
  return { kind: "unclear", verb, why, choices };
}

type Asking = Hearing & { readonly verb: OptVerb; readonly pull: number; readonly about: readonly string[] };

/** The services that a pull request is about: the one that it opts in or out, those that it bumps without a template, those that have one. */
function servicesOn(scene: Scene, { inventory }: OptGround, { verb, pull, about, unopted }: Asking): readonly string[] {
  const own = scene.pulls.find((one) => one.ours && one.number === pull);
  const opted = own && optOfBranch(own.branch);
  if (opted !== undefined) return [opted.service];
  if (verb === "opt-out") return about;
  const bumped = unopted.filter(({ number }) => number === pull);
  return bumped.flatMap(({ services }) => services.map(({ service }) => calledIn(inventory, service)));
}

const ALL = "all";
/** Pull requests that one line opens: people review each of them, and GitHub counts what is opened an hour. */
const MOST_AT_ONCE = 20;

/** Which services a line is about, and by which template as far as it says that; or what to ask back. `here`: those that its pull request is about. */
function meaningsOf(
  ground: OptGround,
  command: OptCommand,
  here: readonly string[],
): Result<readonly Meaning[], OptSaid> {
  const { verb, names } = command;
  const words = wordsOf(ground, command, here);
  if (words.kind === "err") return words;
  const { named, template } = words.value;
  const services = named ?? here;
  if (named !== undefined && named.length > MOST_AT_ONCE) {
    const why = `all are ${named.length} services, and at most ${MOST_AT_ONCE} go at once. Which come first?`;
    const lines = named.map((called) => `/${[verb, called, ...names.slice(1)].join(" ")}`);
    return err(unclear(verb, why, lines));
  }
  if (services.length === 0) return err(unclear(verb, "which service? Nothing here tells.", [USAGE[verb]]));
  if (named === undefined && services.length > 1) {
    const choices = [...services, ALL].map((called) => `/${[verb, called, ...names].join(" ")}`);
    return err(unclear(verb, "which of these services?", choices));
  }
  if (command.verb === "opt-out")
    return ok(services.map((called): Meaning => ({ verb, called, template, parameters: [] })));
  const { parameters, targets, namespace } = command;
  return ok(services.map((called): Meaning => ({ verb, called, template, parameters, targets, namespace })));
}

type Words = { readonly named: readonly string[] | undefined; readonly template: string | undefined };

/** Whether the first word is a service or a template; what is neither is asked back. */
function wordsOf(
  ground: OptGround,
  { verb, names: [first, second] }: OptCommand,
  here: readonly string[],
): Result<Words, OptSaid> {
  if (first === undefined) return ok({ named: undefined, template: undefined });
  const named = servicesNamed(ground, first, here);
  if (named !== undefined) return ok({ named, template: second });
  if (verb === "opt-out" || !ground.library.templates.has(first))
    return err(unclear(verb, unknownText(ground, first, verb)));
  if (second === undefined) return ok({ named: undefined, template: first });
  return err(unclear(verb, "the service comes first, then the template.", [`/${verb} ${second} ${first}`]));
}

const USAGE: Readonly<Record<OptVerb, string>> = {
  "opt-in": "/opt-in <service> [template] [param=value …] [--target T] [--namespace N]",
  "opt-out": "/opt-out <service>",
};

function servicesNamed({ inventory }: OptGround, word: string, here: readonly string[]): readonly string[] | undefined {
  const isOne = inventory.fleet.services.some(
    (service) => service.name === word || calledIn(inventory, service) === word,
  );
  // A service whose manifests are gone may still be opted out.
  if (isOne || here.includes(word) || inventory.listing.has(`.tidegate/services/${word}.yaml`)) return [word];
  return word === ALL && here.length > 0 ? here : undefined;
}

function unknownText({ inventory, library }: OptGround, word: string, verb: OptVerb): string {
  const services = inventory.fleet.services.map((service) => calledIn(inventory, service));
  const meant = closest(word, verb === "opt-in" ? [...services, ...library.templates.keys()] : services);
  const what =
    verb === "opt-in" ? "neither a service of this repository nor a template that can be used" : "no service here";
  return `${word} is ${what}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`;
}
