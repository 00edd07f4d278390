import { expect, it, onTestFinished } from "vitest";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import { logContext } from "../../src/adapters/observe/context.ts";
import { UserError } from "../../src/core/error.ts";
import { observed } from "../../src/server/observed.ts";
import { listen } from "../support/listener.ts";

const ASKED = {
  queue: async () => ({ isUp: true, waiting: 0, running: 0, oldestDue: undefined, stalled: 0, putOff: 0 }),
  limits: () => [],
  unready: () => undefined,
};

async function world(settings: { readonly ADMIN_PORT?: number; readonly ADMIN_HOST?: string }, environment = {}) {
  const lines: string[] = [];
  const logger = jsonLogger("info", (line) => void lines.push(line));
  const { open } = await observed({
    settings: { ADMIN_PORT: undefined, ADMIN_HOST: "127.0.0.1", SWEEP_SECONDS: 300, PRIVATE_KEY: "", ...settings },
    environment,
    logger,
    context: logContext(),
    clock: { now: () => Date.now() },
    log: logTo(logger),
    ofProcess: false,
  });
  return { lines, open };
}

it("shows metrics where it was told to", async () => {
  const { open } = await world({ ADMIN_PORT: 0 });
  const door = await open(ASKED);
  onTestFinished(door.close);
  const answer = await fetch(`http://127.0.0.1:${door.port}/metrics`);
  expect(await answer.text()).toContain("tidegate_ready 1");
});

it("ends the start where the port that it was told of is taken, and names its variable", async () => {
  const other = await listen();
  onTestFinished(other.close);
  const { open } = await world({ ADMIN_PORT: Number(new URL(other.url).port) });
  const refused = open(ASKED);
  await expect(refused).rejects.toBeInstanceOf(UserError);
  await expect(refused).rejects.toThrow("name another port by ADMIN_PORT");
});

it("ends the start where OpenTelemetry is asked for what is not spoken", async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  await expect(world({}, environment)).rejects.toThrow("only http/protobuf");
});

it("does without the usual port where another process has it, and says so", async () => {
  const first = await world({});
  const one = await first.open(ASKED);
  onTestFinished(one.close);
  const second = await world({});
  const two = await second.open(ASKED);
  onTestFinished(two.close);
  expect(two.port).toBeUndefined();
  expect(second.lines.join("")).toContain("Metrics are not shown: the usual port is taken.");
});
