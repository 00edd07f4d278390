import { expect, it } from "vitest";
import { misnamed } from "../../src/operator/misnamed.ts";
import { variables } from "../../src/operator/settings.ts";

const NAMES = variables().map(({ name }) => name);

it.each([
  ["WEBHOOK_SECERT", "WEBHOOK_SECRET"],
  ["APPID", "APP_ID"],
  ["METRICS_HOST", "METRICS_HOSTS"],
  ["LOGLEVEL", "LOG_LEVEL"],
  ["REDIS_URL", "QUEUE_URL"],
  ["GHE_HOST", "GITHUB_URL"],
  ["GITHUB_APP_ID", "APP_ID"],
])("takes %s for %s", (written, known) => {
  expect(misnamed(["PATH", written], NAMES)).toEqual([{ written, known }]);
});

it.each(["PATH", "HOME", "HOSTNAME", "PGPORT", "PGHOST", "GITHUB_SHA", "GITHUB_REF", "METRICS_TOKEN", "PRIVATE"])(
  "takes %s for nothing of its own",
  (written) => {
    expect(misnamed([written], NAMES)).toEqual([]);
  },
);

it("says nothing where what was meant is set as well", () => {
  expect(misnamed(["REDIS_URL", "QUEUE_URL"], NAMES)).toEqual([]);
});
