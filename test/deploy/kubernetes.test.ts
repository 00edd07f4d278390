import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { ENDS_WITHIN, IMAGE, ROOT, SAID, served } from "../support/image.ts";

const Labels = z.record(z.string(), z.string());
const Ports = z.array(z.object({ name: z.string(), containerPort: z.number() }));
const Http = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const Container = z.object({
  name: z.string(),
  image: z.string().regex(/^[^\s:]+:[^\s:]+$/),
  args: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  ports: Ports,
  startupProbe: Http.optional(),
  livenessProbe: z.unknown(),
  readinessProbe: z.unknown(),
  lifecycle: z
    .object({ preStop: z.object({ exec: z.object({ command: z.tuple([z.string(), z.string()]) }) }) })
    .optional(),
  resources: z.object({ requests: Labels, limits: Labels }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});
const Pod = z.object({
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.object({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().min(1),
    seccompProfile: z.object({ type: z.literal("RuntimeDefault") }),
  }),
  containers: z.array(Container),
  volumes: z.array(z.object({ name: z.string() })).optional(),
});
const Workload = z.object({
  kind: z.enum(["Deployment", "StatefulSet"]),
  metadata: z.object({ name: z.string(), namespace: z.literal("tidegate") }),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }).optional(),
    selector: z.object({ matchLabels: Labels }),
    template: z.object({ metadata: z.object({ labels: Labels }), spec: Pod }),
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).optional(),
  }),
});
const Service = z.object({
  kind: z.literal("Service"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ selector: Labels, ports: z.array(z.object({ port: z.number(), targetPort: z.string() })) }),
});

const RENDERERS: readonly (readonly [string, readonly string[]])[] = [
  ["kustomize", ["build"]],
  ["kubectl", ["kustomize"]],
];
const renderer = RENDERERS.find(([program]) => spawnSync(program, ["--help"]).status === 0);

function rendered(folder: string): readonly unknown[] {
  const [program = "", args = []] = renderer ?? [];
  const { status, stdout, stderr } = spawnSync(program, [...args, `${ROOT}/deploy/kubernetes/${folder}`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return [...parseAllDocuments(stdout)].map((document): unknown => document.toJS());
}

const all = <T>(schema: z.ZodType<T>, kinds: readonly string[], objects: readonly unknown[]): readonly T[] =>
  objects
    .filter((object) => kinds.includes(z.object({ kind: z.string() }).parse(object).kind))
    .map((object) => schema.parse(object));

describe.skipIf(renderer === undefined)("Kubernetes", () => {
  const cases = (renderer === undefined ? [] : ["base", "workers"]).map((folder) => {
    const objects = rendered(folder);
    return { folder, objects, workloads: all(Workload, ["Deployment", "StatefulSet"], objects) };
  });

  it.each(cases)("$folder: every workload is restricted, and what it mounts is there", ({ workloads }) => {
    for (const { spec } of workloads) {
      const { containers, volumes = [] } = spec.template.spec;
      const there = [...volumes, ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)].map(
        ({ name }) => name,
      );
      const mounted = containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
      expect(mounted.toSorted()).toEqual(there.toSorted());
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    }
  });

  it.each(cases)("$folder: services lead to ports of exactly one workload", ({ objects, workloads }) => {
    for (const { spec } of all(Service, ["Service"], objects)) {
      const behind = workloads.filter(({ spec: { template } }) =>
        Object.entries(spec.selector).every(([label, value]) => template.metadata.labels[label] === value),
      );
      expect(behind).toHaveLength(1);
      const ports = behind.flatMap((one) => one.spec.template.spec.containers.flatMap((container) => container.ports));
      expect(ports.map(({ name }) => name)).toEqual(expect.arrayContaining(spec.ports.map((port) => port.targetPort)));
    }
  });

  it.each(cases)("$folder: the App says what the image says, is asked where it answers, and has time to end", (one) => {
    const app = one.workloads.find(({ kind }) => kind === "Deployment");
    const [container] = app?.spec.template.spec.containers ?? [];
    const said = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
    const { QUEUE_URL: queue, ...rest } = said;
    expect(rest).toEqual(SAID);
    expect(queue).toBe(one.folder === "base" ? undefined : "redis://tidegate-redis:6379");
    const ports = Object.fromEntries((container?.ports ?? []).map((port) => [port.name, String(port.containerPort)]));
    expect(ports).toEqual({ http: IMAGE["PORT"], metrics: IMAGE["ADMIN_PORT"] });
    for (const probe of [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]) {
      const { path, port } = Http.parse(probe).httpGet;
      expect([served(path), port]).toEqual([200, "http"]);
    }
    const waits = Number(container?.lifecycle?.preStop.exec.command[1]);
    const { terminationGracePeriodSeconds = 0 } = app?.spec.template.spec ?? {};
    expect(terminationGracePeriodSeconds).toBeGreaterThan(waits + ENDS_WITHIN);
  });

  it("base is one process that ends before the next one starts; workers are several over a Redis that keeps what waits", () => {
    const [base, workers] = cases.map(({ workloads }) => workloads);
    expect(base?.map(({ kind, spec }) => [kind, spec.replicas, spec.strategy?.type])).toEqual([
      ["Deployment", 1, "Recreate"],
    ]);
    expect(workers?.map(({ kind, spec }) => [kind, spec.replicas, spec.strategy?.type])).toEqual([
      ["Deployment", 2, "RollingUpdate"],
      ["StatefulSet", 1, undefined],
    ]);
    const [redis] = workers?.[1]?.spec.template.spec.containers ?? [];
    expect(redis?.args?.join(" ")).toContain("--appendonly yes --maxmemory-policy noeviction");
  });
});
