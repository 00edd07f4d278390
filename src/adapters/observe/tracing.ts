import { AsyncLocalStorage } from "node:async_hooks";
import type { Attributes, Span } from "@opentelemetry/api";
import { unreachable } from "../../core/unreachable.ts";
import type { Activity, Outcome, Telemetry } from "../../ports/telemetry.ts";
import { plainly } from "./measuring.ts";
import type { TracingSettings } from "./tracing-settings.ts";

/** Spans of whatever is told of. */
export type Tracing = {
  /** The same telemetry, which makes a span of each activity besides. */
  readonly traced: (inner: Telemetry) => Telemetry;
  /** Sends what is left, and waits for that at most so long, milliseconds. */
  readonly close: (deadlineMs: number) => Promise<void>;
};

export type TracingOptions = TracingSettings & {
  readonly version: string;
  /** Cuts secrets out of a text. */
  readonly clean: (text: string) => string;
};

const LONGEST = 500;
/** What begins a trace, whatever set it off. */
const ROOTS: ReadonlySet<Activity["kind"]> = new Set(["look", "delivery", "sweep"]);

/** Begins to send spans by OTLP over HTTP. The libraries are loaded here and nowhere else: where nobody traces, they cost nothing. */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const provider = await providerFor(options);
  const tracer = provider.getTracer("tidegate", options.version);
  // Nothing of OpenTelemetry's is global here: what is under way is known by this alone.
  const around = new AsyncLocalStorage<Span>();
  const begin = (activity: Activity): Span => {
    const parent = ROOTS.has(activity.kind) ? undefined : around.getStore();
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const { name, kind, attributes } = spanOf(activity);
    return tracer.startSpan(name, { kind: SpanKind[kind], attributes }, context);
  };
  const end = (span: Span, outcome: Outcome<unknown>, result: string): void => {
    span.setAttribute("tidegate.result", result);
    if (outcome.kind === "thrown") {
      const { name, message } = outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error));
      span.setAttribute("error.type", name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: options.clean(message).slice(0, LONGEST) });
    }
    span.end();
  };
  return {
    traced: (inner) => ({
      tell: inner.tell,
      during: (activity, work, cameTo = plainly) => {
        const span = begin(activity);
        return around.run(span, async () => {
          try {
            const value = await inner.during(activity, work, cameTo);
            const outcome = { kind: "value", value } as const;
            end(span, outcome, cameTo(outcome));
            return value;
          } catch (error) {
            const outcome = { kind: "thrown", error } as const;
            end(span, outcome, cameTo(outcome));
            throw error;
          }
        });
      },
    }),
    close: (deadlineMs) => atMost(provider.shutdown(), deadlineMs),
  };
}

async function providerFor({ url, headers, resource, ratio, version }: TracingOptions) {
  const [{ BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider }, exporters, resources] =
    await Promise.all([
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-proto"),
      import("@opentelemetry/resources"),
    ]);
  const exporter = new exporters.OTLPTraceExporter({ url, headers: { ...headers } });
  return new TracerProvider({
    resource: resources.resourceFromAttributes({ "service.version": version, ...resource }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}

/** Whoever does not take spans keeps no process from ending. */
async function atMost(work: Promise<void>, deadlineMs: number): Promise<void> {
  const deadline = Promise.withResolvers<void>();
  const timer = setTimeout(deadline.resolve, deadlineMs);
  await Promise.race([work.catch(() => undefined), deadline.promise]);
  clearTimeout(timer);
}

type Described = {
  readonly name: string;
  readonly kind: "INTERNAL" | "CLIENT" | "CONSUMER";
  readonly attributes: Attributes;
};

/** What a span says of an activity: nothing that is not named here. */
function spanOf(activity: Activity): Described {
  switch (activity.kind) {
    case "look": {
      const { id, key } = activity;
      const of = { "tidegate.look": id, "tidegate.repository": key.repo, "tidegate.installation": key.installation };
      return { name: "look", kind: "INTERNAL", attributes: of };
    }
    case "part":
      return { name: activity.part, kind: "INTERNAL", attributes: {} };
    case "forgeCall": {
      const { request, call, lane } = activity;
      const [method = "", template = ""] = request.split(" ");
      const of = { "http.request.method": method, "url.template": template };
      return { name: request, kind: "CLIENT", attributes: { ...of, "tidegate.call": call, "tidegate.lane": lane } };
    }
    case "gitCommand":
      return { name: `git ${activity.command}`, kind: "CLIENT", attributes: {} };
    case "providerQuery":
      return { name: "query metrics", kind: "CLIENT", attributes: { "server.address": activity.host } };
    case "delivery": {
      const { id, event } = activity;
      return { name: `webhook ${event}`, kind: "CONSUMER", attributes: { "tidegate.delivery": id } };
    }
    case "sweep":
      return { name: "sweep", kind: "INTERNAL", attributes: {} };
    default:
      return unreachable(activity);
  }
}
