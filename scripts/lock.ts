import { z } from "zod";

const Wanted = z.record(z.string(), z.string());

const LockedPackage = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  bin: Wanted.optional(),
  dependencies: Wanted.optional(),
  devDependencies: Wanted.optional(),
  optionalDependencies: Wanted.optional(),
});
type LockedPackage = z.infer<typeof LockedPackage>;

const Lock = z.looseObject({ lockfileVersion: z.number(), packages: z.record(z.string(), LockedPackage) });

/** What npm writes into package-lock.json, as far as it matters here. */
export type Lock = z.infer<typeof Lock>;

const Manifest = z.looseObject({
  dependencies: Wanted,
  devDependencies: Wanted,
  optionalDependencies: Wanted,
});

/** What package.json asks for. */
export type Manifest = z.infer<typeof Manifest>;

type Gap = {
  readonly wantedBy: string;
  readonly name: string;
  readonly range: string;
  readonly dev: boolean | undefined;
  /** The commands of a sister package, built alike for another platform: npm links only the commands that the lock names. */
  readonly bin: LockedPackage["bin"];
};

const OPERATING_SYSTEMS: ReadonlyMap<string, string> = new Map([
  ["android", "android"],
  ["darwin", "darwin"],
  ["freebsd", "freebsd"],
  ["linux", "linux"],
  ["openharmony", "openharmony"],
  ["win", "win32"],
  ["win32", "win32"],
]);

const PROCESSORS: ReadonlySet<string> = new Set(["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"]);

const C_LIBRARIES: ReadonlyMap<string, string> = new Map([
  ["gnu", "glibc"],
  ["gnueabihf", "glibc"],
  ["musl", "musl"],
  ["musleabihf", "musl"],
]);

/** Whether a parsed package-lock.json has the shape read here. A guard and not a parse, so that npm's order of keys survives. */
export function isLock(value: unknown): value is Lock {
  return Lock.safeParse(value).success;
}

/** Whether a parsed package.json has the three tables of dependencies. */
export function isManifest(value: unknown): value is Manifest {
  return Manifest.safeParse(value).success;
}

/** The optional packages that some locked package names and that the lock has no entry for. */
export function gaps(lock: Lock): readonly Gap[] {
  return Object.entries(lock.packages).flatMap(([wantedBy, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => placeOf(lock, wantedBy, name) === undefined)
      .map(([name, range]) => ({ wantedBy, name, range, dev, bin: commandsOf(lock, wantedBy, optionalDependencies) })),
  );
}

/**
 * The lock with an entry for every gap, without addresses, and without the engines of packages: npm would hold those against the Node
 * that runs npm, which is not the Node that runs the packages. Throws where a package's name does not say its platform.
 */
export function mended(lock: Lock): Lock {
  const packages = Object.entries(lock.packages).map(
    ([path, entry]) => [path, path === "" ? entry : trimmed(entry)] as const,
  );
  const added = gaps(lock).map((gap) => [`node_modules/${gap.name}`, entryFor(gap)] as const);
  const inOrder = [...packages, ...added].toSorted(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(inOrder) };
}

/** What would make `npm ci` fail somewhere, or what the lock says that it should not; empty when all is well. */
export function faults(lock: Lock, manifest: Manifest): readonly string[] {
  return [
    ...(lock.lockfileVersion === 3 ? [] : [`lockfileVersion is ${lock.lockfileVersion}, not 3`]),
    ...gaps(lock).map(({ wantedBy, name }) => `${name}, optional for ${wantedBy || "the project"}, has no entry`),
    ...Object.entries(lock.packages).flatMap(([path, entry]) => [
      ...addressesIn(path, entry),
      ...enginesIn(path, entry),
    ]),
    ...outOfStep(lock, manifest),
  ];
}

/** Where npm would find `name` when the package at `path` asks for it: beside it, or in a folder further out. */
function placeOf(lock: Lock, path: string, name: string): string | undefined {
  const place = path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (place in lock.packages) return place;
  if (path === "") return undefined;
  const outer = path.lastIndexOf("/node_modules/");
  return placeOf(lock, outer < 0 ? "" : path.slice(0, outer), name);
}

function commandsOf(lock: Lock, wantedBy: string, family: Record<string, string>): LockedPackage["bin"] {
  const places = Object.keys(family).flatMap((name) => placeOf(lock, wantedBy, name) ?? []);
  return places.map((place) => lock.packages[place]?.bin).find((bin) => bin !== undefined);
}

function entryFor({ wantedBy, name, range, dev, bin }: Gap): LockedPackage {
  if (!/^\d+\.\d+\.\d+$/.test(range))
    throw new Error(`${wantedBy} asks for ${name}@${range}, which names no single version: lock it by hand.`);
  const words = name.split(/[/-]/);
  const os = words.map((word) => OPERATING_SYSTEMS.get(word)).find((word) => word !== undefined);
  const cpu = words.find((word) => PROCESSORS.has(word));
  const libc = words.map((word) => C_LIBRARIES.get(word)).find((word) => word !== undefined);
  if (os === undefined || cpu === undefined)
    throw new Error(`${name} does not say its platform in its name: lock it by hand.`);
  return {
    version: range,
    cpu: [cpu],
    ...(dev === true ? { dev } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
    ...(bin === undefined ? {} : { bin }),
  };
}

function trimmed(entry: LockedPackage): LockedPackage {
  const { resolved: _resolved, engines: _engines, ...rest } = entry;
  return rest;
}

function addressesIn(path: string, { funding: _funding, ...entry }: LockedPackage): readonly string[] {
  return Object.entries(entry)
    .filter(([key, value]) => key === "resolved" || /https?:/.test(JSON.stringify(value)))
    .map(([key]) => `${path} has an address in "${key}"`);
}

function enginesIn(path: string, { engines }: LockedPackage): readonly string[] {
  return path === "" || engines === undefined ? [] : [`${path} has "engines"`];
}

function outOfStep(lock: Lock, manifest: Manifest): readonly string[] {
  const root = lock.packages[""] ?? {};
  return (["dependencies", "devDependencies", "optionalDependencies"] as const).flatMap((kind) => {
    const locked = root[kind] ?? {};
    const names = new Set([...Object.keys(manifest[kind]), ...Object.keys(locked)]);
    return [...names].flatMap((name) => {
      const [asked, known, installed] = [manifest[kind][name], locked[name], lock.packages[`node_modules/${name}`]];
      // An optional package without an entry is a gap, told apart already.
      const isInstalled = asked === installed?.version || (installed === undefined && kind === "optionalDependencies");
      if (asked === known && isInstalled) return [];
      return `${name} is ${asked ?? "absent"} in package.json, ${installed?.version ?? known ?? "absent"} in the lock`;
    });
  });
}
