import { expect } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { bumpedFile, layoutFiles, type LayoutService } from "../support/layout-files.ts";
import { layoutPath, layoutWeights, withVersion } from "../support/layout-story.ts";
import { say } from "../support/story-plot.ts";
import { leafOf, liveOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";

/** One of each layout; what happens to one happens to all of them. */
export const SERVICES: readonly LayoutService[] = [
  { name: "checkout", layout: "kustomize", targets: ["prod"], bumps: "overlay" },
  { name: "payments", layout: "helm", targets: ["prod"], bumps: "overlay" },
  { name: "search", layout: "flux", targets: ["prod"], bumps: "overlay" },
];
/** One step before the promotion. */
export const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" };

/** Two steps before it. */
export const LONG = { waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]" };

/** Those whose arms are rendered apart. */
export const APART = SERVICES.filter(({ layout }) => layout !== "flux");

/** Those that a kustomization delivers. */
export const KUSTOMIZED = SERVICES.filter(({ layout }) => layout !== "helm");

/** The same for every layout. */
export function each<T>(value: T, services = SERVICES): Readonly<Record<string, T>> {
  return Object.fromEntries(services.map(({ layout }) => [layout, value]));
}

/** What is so of each service, by its layout. */
export async function ofEach<T>(
  of: (service: LayoutService) => T | Promise<T>,
  services = SERVICES,
): Promise<Readonly<Record<string, T>>> {
  const entries = services.map(async (service) => [service.layout, await of(service)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

export function leaves(story: Story, services = SERVICES): Promise<Readonly<Record<string, readonly string[]>>> {
  return ofEach(({ name }) => mergedSteps(story, name).map(leafOf), services);
}

/** What git said and what the cluster did, which is the same: each one's weights. */
export async function weights(story: Story, services = SERVICES): Promise<Readonly<Record<string, readonly number[]>>> {
  return ofEach(async (service) => {
    const { shares, strays } = await layoutPath(story, service, "prod");
    expect(strays).toEqual([]);
    expect(shares).toEqual(await layoutWeights(story, service, "prod"));
    return shares;
  }, services);
}

/** Nothing of the canary runs, and stable is this version. */
export async function expectAtRest(story: Story, version: string, services = SERVICES): Promise<void> {
  const resting = ({ name }: LayoutService) => ({ weight: 0, canary: [], stable: [imageOf(name, version)] });
  expect(await ofEach(({ name }) => liveOf(story, `${name}/prod`), services)).toEqual(await ofEach(resting, services));
}

type Changes = Readonly<Record<LayoutService["layout"], (text: string) => string>>;

const NONE: Changes = { kustomize: (text) => text, helm: (text) => text, flux: (text) => text };

/** What people change of each layout beside the image: it reaches the pods of both arms, or none. */
export const FOREIGN: Changes = {
  kustomize: (text) =>
    `${text}# Quoted,   spaced and 'odd' as people write.\ncommonAnnotations: { "shop.example.com/owner":   'till team' }\n`,
  helm: (text) => `${text}\n# Louder for a while.\nlevel:   'debug'\n`,
  flux: (text) => `${text}\n# Louder for a while.\nlevel:   'debug'\n`,
};

/** What people do to each layout that does not render any more: a file, and its text. */
export const BROKEN: Readonly<
  Record<LayoutService["layout"], (name: string) => readonly [path: string, breaks: (text: string) => string]>
> = {
  kustomize: (name) => [`apps/${name}/base/deployment.yaml`, (text) => text.replace("- name: app\n", "- name: main\n")],
  helm: (name) => [`apps/${name}/chart/templates/service.yaml`, (text) => `# {{ .Values.nothing.here }}\n${text}`],
  flux: (name) => [`apps/${name}/chart/templates/both.yaml`, (text) => `# {{ .Values.nothing.here }}\n${text}`],
};

/** The file that people bump says this version; otherwise it has the bytes that it began with and what people have changed since. */
export async function expectPeoples(
  story: Story,
  version: string,
  {
    services = SERVICES,
    changes = NONE,
  }: { readonly services?: readonly LayoutService[]; readonly changes?: Changes } = {},
): Promise<void> {
  const began = (service: LayoutService) => layoutFiles(service).get(bumpedFile(service, "prod")) ?? "";
  const wanted = (service: LayoutService) => changes[service.layout](withVersion(began(service), version));
  expect(await ofEach((service) => story.file(bumpedFile(service, "prod")), services)).toEqual(
    await ofEach(wanted, services),
  );
}

export function faulty(version: string, fault: VersionFault): Map<string, VersionFault> {
  return new Map(SERVICES.map(({ name }) => [imageOf(name, version), fault]));
}

export async function blockedOf(story: Story, { name }: LayoutService): Promise<readonly string[]> {
  return (await story.state(name)).blocked.map(({ image, by }) => `${image.split(":").at(-1)} by ${by}`);
}

export function sayOn(story: Story, user: string, words: string): (service: LayoutService) => Promise<void> {
  return async ({ name }) => void (await say(story, user, stepOf(story, name)?.number, words));
}
