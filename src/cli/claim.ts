import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { given, type Terminal } from "./command-line.ts";
import { isRepoPath } from "../config/repo-path.ts";
import { printState } from "../config/state-text.ts";
import { UserError } from "../core/error.ts";
import { isName, isOptName, isWaveName, type Name } from "../core/names.ts";
import { claimCanary } from "../manifest/layouts/claim-canary.ts";
import { claimRollout, type Claimed } from "../manifest/layouts/claim.ts";
import { hasCanary } from "../manifest/routers/canary-gates.ts";
import { shown } from "../manifest/services/table.ts";
import { pathOf } from "../reconcile/readings.ts";
import { refusalText, type TextFile } from "../yaml/refusal.ts";

const USAGE = `Says what to write so that the releases of an Argo Rollout that is there go by Tidegate: its steps at
rest, or its switch closed where it is blue/green, and the service's state (docs/rollouts.md). The same
of a Canary of Flagger's: its gates closed (docs/flagger.md; experimental).
What could not be driven is refused, with its line.
Nothing is written unless you ask for it, and nothing is ever committed.

Usage: tidegate claim <rollout.yaml> [deployment.yaml] --target T [options]

  rollout.yaml     the Rollout's or the Canary's file, by its path in the repository; run this in the repository's root
  deployment.yaml  the file with the pod template, where that is a Deployment's in another file
  --target T       what the target is called
  --service S      what the service is called (default: the Rollout's name)
  --namespace N    where it runs (default: what the Rollout says)
  --write          write both files into the work tree
  --help           this text

Claim it while no rollout is under way: the state says that stable runs what the files have now.

Exit status: 0; 1 where it is refused, 2 for wrong words.
`;

/** Runs `tidegate claim` in a folder; resolves to its exit status. */
export function claim(args: readonly string[], terminal: Terminal, folder = "."): Promise<number> {
  return Promise.resolve(run(args, terminal, folder));
}

function run(args: readonly string[], terminal: Terminal, folder: string): number {
  const valued = ["target", "service", "namespace"];
  const parsed = given(args, { options: ["write", "help"], valued, most: 2 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const [rollout, workload = rollout] = words;
  const outside = words.find((path) => !isRepoPath(path));
  if (rollout === undefined || workload === undefined) return wrong("Which Rollout? Say its file.", terminal);
  if (outside !== undefined) return wrong(`${shown(outside)} is no path inside the repository.`, terminal);
  const names = namesIn(values);
  if (names.kind === "wrong") return wrong(names.what, terminal);
  try {
    const [file, template] = [fileAt(folder, rollout), fileAt(folder, workload)];
    const claim = hasCanary(file) ? claimCanary : claimRollout;
    const claimed = claim({ rollout: file, workload: template, ...names.value });
    if (claimed.kind === "err") throw new UserError(refusalText(claimed.error));
    return answer(folder, file, claimed.value, { terminal, isWriting: switches.has("write") });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 1;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate claim --help says what there is.\n`);
  return 2;
}

type Names = { readonly target: Name; readonly service: Name | undefined; readonly namespace: Name | undefined };

function namesIn(
  values: ReadonlyMap<string, string>,
): { readonly kind: "read"; readonly value: Names } | { readonly kind: "wrong"; readonly what: string } {
  const unnamed = [...values].find(([, value]) => !isName(value));
  if (unnamed !== undefined)
    return { kind: "wrong", what: `--${unnamed[0]} takes a name of lower-case letters, digits and dashes.` };
  const [target, service, namespace] = ["target", "service", "namespace"].map((key) => nameOf(values.get(key)));
  if (target === undefined) return { kind: "wrong", what: "Which target? Say --target." };
  if (isWaveName(target)) return { kind: "wrong", what: "No target is called wave-<number>: branches of waves are." };
  if (service !== undefined && isOptName(service))
    return { kind: "wrong", what: `No service is called ${service}: branches of what opts services in and out are.` };
  return { kind: "read", value: { target, service, namespace } };
}

function nameOf(text: string | undefined): Name | undefined {
  return isName(text) ? text : undefined;
}

function fileAt(folder: string, path: string): TextFile {
  if (!existsSync(join(folder, path))) throw new UserError(`There is no file ${path} here.`);
  return { path, text: readFileSync(join(folder, path), "utf8") };
}

type Answering = { readonly terminal: Terminal; readonly isWriting: boolean };

function answer(
  folder: string,
  before: TextFile,
  { rollout, state }: Claimed,
  { terminal, isWriting }: Answering,
): number {
  const path = pathOf(state.service);
  const isThere = existsSync(join(folder, path));
  const text = printState(state);
  if (isWriting) {
    if (rollout !== before.text) writeFileSync(join(folder, before.path), rollout);
    if (!isThere) writeNew(join(folder, path), text);
  }
  const head = isWriting ? "Written; commit it" : "To commit";
  const rest = isThere ? `${path} is there already, and stays.\n` : `${path}, new:\n${prefixed("+", text)}`;
  terminal.write(`${head} while no rollout is under way:\n\n${diffText(before, rollout)}\n${rest}`);
  return 0;
}

function writeNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The lines of one edit: what they were, and what they become. */
function diffText({ path, text }: TextFile, after: string): string {
  if (after === text) return `${path} stays as it is: it is at rest.\n`;
  const [old, now] = [text.split("\n"), after.split("\n")];
  const same = old.findIndex((line, index) => line !== now[index]);
  const first = same === -1 ? old.length : same;
  const most = Math.min(old.length, now.length) - first;
  const ends = Array.from({ length: most }, (_, index) => old.at(-1 - index) === now.at(-1 - index)).indexOf(false);
  const left = ends === -1 ? most : ends;
  const part = (lines: readonly string[]) =>
    lines
      .slice(first, lines.length - left)
      .map((line) => `${line}\n`)
      .join("");
  return `${path}, line ${first + 1}:\n${prefixed("-", part(old))}${prefixed("+", part(now))}`;
}

function prefixed(sign: string, text: string): string {
  return text.replace(/^(?=.)/gms, sign);
}
