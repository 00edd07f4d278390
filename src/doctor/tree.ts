import { CODE_OWNERS_PLACES, ownersOf } from "../config/code-owners.ts";
import { problemText } from "../config/document.ts";
import { reportsOf } from "../config/observers.ts";
import type { Provider } from "../config/providers.ts";
import { resolve, type Settings } from "../config/resolve.ts";
import type { Sha } from "../core/names.ts";
import { bumpedIn, pinnedIn, weighedIn } from "../core/manifests.ts";
import type { Policy } from "../core/plan.ts";
import { owns } from "../core/ownership.ts";
import type { Reading } from "../core/reading.ts";
import type { Blob } from "../ports/git.ts";
import type { Metrics, ProviderSettings } from "../ports/metrics.ts";
import { heldAt, unextended, type HeldConfig } from "../reconcile/config-readings.ts";
import { observe } from "../reconcile/observe.ts";
import { settingsOf, type Operator } from "../reconcile/providers.ts";
import { questionOf } from "../reconcile/question.ts";
import { CONFIG_PATH, pathOf, SERVICES } from "../reconcile/readings.ts";
import { reliedOn } from "../reconcile/relied.ts";
import type { Eyes, Facts, UnmeasuredMember } from "../reconcile/scene.ts";
import { attempt } from "./facts.ts";
import type { ConfigReport, ProviderReport, Reviewed, Samples, ServicesReport, TreeReport } from "./report.ts";

export type TreePorts = {
  readonly eyes: Eyes;
  readonly operator: Operator;
  readonly metrics: (settings: ProviderSettings) => Metrics;
  /** Asks a provider for a constant. */
  readonly probe: (settings: ProviderSettings) => Promise<Reading<"answers">>;
  readonly now: () => number;
};

/** Looks at what the default branch holds. Throws where it cannot be fetched. */
export async function lookAtTree(ports: TreePorts): Promise<TreeReport> {
  const { git, forge } = ports.eyes;
  const { defaultBranch: branch } = await forge.repository();
  const head = (await git.fetch()).get(`refs/heads/${branch}`);
  if (head === undefined) throw new Error(`The repository has no branch ${branch}.`);
  const blob = (await git.read(head, [CONFIG_PATH])).get(CONFIG_PATH);
  const config = await configOf(blob, ports);
  const facts = await attempt(() => observe(ports.eyes, ports.now()));
  const services = facts.kind === "read" ? await attempt(() => servicesOf(facts.value, ports.eyes, head)) : facts;
  const members = facts.kind === "read" ? facts.value.members : [];
  const providers = config.kind === "read" ? await providersOf(config.settings, members, ports) : [];
  return { branch, config: reportOf(config), services, providers };
}

type Config =
  | Exclude<ConfigReport, { readonly kind: "read" }>
  | { readonly kind: "read"; readonly held: HeldConfig; readonly settings: Settings };

async function configOf(blob: Blob | undefined, { eyes: { readings }, operator }: TreePorts): Promise<Config> {
  if (blob === undefined) return { kind: "absent" };
  const base = await readings.baseOf(readings.extended(blob));
  if (base.kind === "unread") return { kind: "unextended", why: unextended(base) };
  const held = heldAt(blob, base);
  if (held.kind === "err") return { kind: "refused", problems: held.error };
  const settings = resolve(held.value.written, operator);
  if (settings.kind === "err") return { kind: "refused", problems: settings.error.map(problemText) };
  return { kind: "read", held: held.value, settings: settings.value };
}

function reportOf(config: Config): ConfigReport {
  if (config.kind !== "read") return config;
  const { written, loosened } = config.held;
  const { commands, targets } = written.config;
  const enforced = written.shared?.config.enforced.commands ?? [];
  const teams = [...commands, ...enforced].flatMap(({ allow }) => allow.teams);
  const reports = targets.flatMap((target) => reportsOf(target)?.of.kind ?? []);
  return { kind: "read", teams: [...new Set(teams)], reports: [...new Set(reports)], loosened };
}

async function servicesOf(
  { branch, config, members, refusals }: Facts,
  eyes: Eyes,
  head: Sha,
): Promise<ServicesReport> {
  const { git } = eyes;
  const count = (await git.list(head, SERVICES)).length;
  const owners = await git.read(head, CODE_OWNERS_PLACES);
  const file = CODE_OWNERS_PLACES.find((place) => owners.has(place));
  const reviewed = file === undefined ? [] : reviewedIn(members, file, owners.get(file)?.text);
  return { count, refusals, reviewed, relied: await reliedOn({ head, branch, config, eyes }, members) };
}

/** Files that releases write and that the text of CODEOWNERS gives to somebody. */
function reviewedIn(members: readonly UnmeasuredMember[], file: string, text: string | undefined): readonly Reviewed[] {
  const kinds = new Map(members.flatMap(writtenBy));
  return [...kinds].flatMap(([path, kind]) => {
    const owners = ownersOf(text, path);
    return owners.length === 0 ? [] : [{ kind, path, owners, file }];
  });
}

function writtenBy({ state, at: { manifests } }: UnmeasuredMember): readonly (readonly [string, Reviewed["kind"]])[] {
  const canary = bumpedIn(manifests);
  return [
    [pathOf(state.service), "owned"],
    [pinnedIn(manifests), "owned"],
    [weighedIn(manifests), "owned"],
    [canary, owns(state, canary) ? "owned" : "claimed"],
  ];
}

function providersOf(
  settings: Settings,
  members: readonly UnmeasuredMember[],
  ports: TreePorts,
): Promise<readonly ProviderReport[]> {
  const measured = (provider: Provider): readonly UnmeasuredMember[] =>
    members.filter(({ target }) => {
      const found = settings.metricsFor(target);
      return found.kind === "ok" && found.value === provider;
    });
  return Promise.all(
    [...settings.metrics].map(async ([name, provider]) => ({
      name,
      answer: await answerOf(provider, measured(provider), ports),
    })),
  );
}

async function answerOf(
  provider: Provider,
  members: readonly UnmeasuredMember[],
  { operator, metrics, probe, now }: TreePorts,
): Promise<ProviderReport["answer"]> {
  const settings = settingsOf(provider, operator);
  if (settings.kind === "refused") return { kind: "refused", problem: settings.problems.join("; ") };
  const { host } = new URL(provider.url);
  const asked = now();
  const answer = await probe(settings.value);
  if (answer.kind === "unavailable") return { kind: "silent", host, reason: answer.reason };
  const ms = now() - asked;
  const samples = await samplesOf(metrics(settings.value), members.slice(0, MOST_ASKED), now());
  return samples.kind === "unavailable"
    ? { kind: "silent", host, reason: samples.reason }
    : { kind: "answers", host, ms, samples: samples.value };
}

/** Services whose windows are asked for: one without traffic must not make the provider look empty. */
const MOST_ASKED = 5;

/** What the windows that closed last hold, asked as a release asks. */
async function samplesOf(
  metrics: Metrics,
  members: readonly UnmeasuredMember[],
  now: number,
): Promise<Reading<Samples>> {
  const asked = members.flatMap((member) => {
    const question = questionOf({ ...member, at: { ...member.at, release: undefined }, changedAt: 0 }, now);
    return question === undefined ? [] : [{ service: member.state.service, policy: member.policy, question }];
  });
  const readings = await metrics.timelines(asked.map(({ question }) => question));
  const timelines = asked.map((one, place) => ({ ...one, windows: readings[place] }));
  const down = timelines.find(({ windows }) => windows?.kind === "unavailable")?.windows;
  if (down?.kind === "unavailable") return down;
  const seen = timelines.flatMap(({ service, policy, windows }) =>
    windows?.kind === "read" ? [{ service, policy, windows: windows.value }] : [],
  );
  const having = (holds: (window: (typeof seen)[number]["windows"][number]) => boolean): readonly string[] =>
    seen.filter(({ windows }) => windows.some(holds)).map(({ service }) => service);
  return {
    kind: "read",
    value: {
      asked: seen.map(({ service }) => service),
      needing: needing(seen),
      requests: having(({ counts }) => (counts.stable?.requests ?? 0) > 0),
      pods: having(({ pods }) => (pods.stable?.length ?? 0) > 0),
    },
  };
}

type Seen = { readonly service: string; readonly policy: Policy };

function needing(seen: readonly Seen[]): Samples["needing"] {
  const having = (needs: (policy: Policy) => boolean) =>
    seen.filter(({ policy }) => needs(policy)).map(({ service }) => service);
  return {
    requests: having(({ evidence }) => evidence !== "bake"),
    pods: having(({ assumedAfterMs, reports }) => (assumedAfterMs ?? reports) === undefined),
  };
}
