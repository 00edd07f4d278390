import { z } from "zod";
import { DATA_PLANES, isDataPlane, WITHOUT_ARMS } from "../core/data-planes.ts";
import type { ArmLabel, LatencyHistogram, RequestSettings } from "../core/requests.ts";
import { strict, unknownWord } from "./document.ts";

const Metric = z.string().regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, { error: "must be the name of a metric" });
const Label = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "must be the name of a label" });

const DataPlane = z.string().transform((text, context) => {
  if (isDataPlane(text)) return text;
  const why = Object.hasOwn(WITHOUT_ARMS, text) ? WITHOUT_ARMS[text] : undefined;
  const message = why === undefined ? unknownWord(text, Object.keys(DATA_PLANES)) : `cannot be ${text}, which ${why}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** How requests are counted: as a data plane does, and what is written besides; without a data plane all of it is written. */
export const Requests = strict({
  dataPlane: DataPlane.optional(),
  counter: Metric.optional(),
  arm: Label.optional(),
  workload: Label.optional(),
  namespace: Label.optional(),
  version: Label.optional(),
  where: z.record(Label, z.string()).default({}),
  failed: strict({ label: Label, matches: z.string().min(1).max(200) }).optional(),
  latency: strict({ buckets: Metric, unit: z.enum(["ms", "s"], { error: "must be ms or s" }) }).optional(),
}).superRefine((written, context) => {
  for (const { key, message } of faultsOf(written)) context.addIssue({ code: "custom", path: [key], message });
});

type Written = {
  readonly dataPlane?: keyof typeof DATA_PLANES | undefined;
  readonly counter?: string | undefined;
  readonly arm?: string | undefined;
  readonly workload?: string | undefined;
  readonly namespace?: string | undefined;
  readonly version?: string | undefined;
  readonly where: Readonly<Record<string, string>>;
  readonly failed?: RequestSettings["failed"] | undefined;
  readonly latency?: LatencyHistogram | undefined;
};

type Fault = { readonly key: keyof Written; readonly message: string };

function faultsOf(written: Written): readonly Fault[] {
  const { dataPlane } = written;
  if (dataPlane !== undefined) return strangers(written, dataPlane, DATA_PLANES[dataPlane].requests);
  return NEEDED.filter((key) => written[key] === undefined).map((key) => ({
    key,
    message: "is missing: write it, or dataPlane",
  }));
}

const NEEDED = ["counter", "arm", "namespace", "failed"] as const;

/** What is written of a label that the data plane does not have. */
function strangers(
  written: Written,
  dataPlane: string,
  { arm, workload, namespaceLabel }: RequestSettings,
): readonly Fault[] {
  const faults: readonly (Fault | undefined)[] = [
    arm === undefined
      ? { key: "arm", message: `does not go with ${dataPlane}, which counts by workload alone` }
      : undefined,
    workload === undefined
      ? { key: "workload", message: `does not go with ${dataPlane}, which counts by Service alone` }
      : undefined,
    namespaceLabel === undefined
      ? { key: "namespace", message: `does not go with ${dataPlane}, whose label ${arm?.label} holds the namespace` }
      : undefined,
  ];
  return faults.filter((fault) => fault !== undefined).filter(({ key }) => written[key] !== undefined);
}

// Its labels are written over: without a data plane they must be. What is not, the workload, is Istio's.
const UNNAMED: RequestSettings = { ...DATA_PLANES.istio.requests, where: {} };

/** What is counted, by what was written of it. */
export function requestsOf(written: Written): RequestSettings {
  const plane: RequestSettings = written.dataPlane === undefined ? UNNAMED : DATA_PLANES[written.dataPlane].requests;
  const latency = written.latency ?? (written.dataPlane && DATA_PLANES[written.dataPlane].latency);
  return {
    ...(latency && { latency }),
    counter: written.counter ?? plane.counter,
    arm: called(plane.arm, written.arm),
    workload: called(plane.workload, written.workload),
    canary: plane.canary,
    namespaceLabel: written.namespace ?? plane.namespaceLabel,
    versionLabel: written.version ?? plane.versionLabel,
    where: { ...plane.where, ...written.where },
    failed: written.failed ?? plane.failed,
  };
}

function called(by: ArmLabel | undefined, label: string | undefined): ArmLabel | undefined {
  return by === undefined || label === undefined ? by : { ...by, label };
}
