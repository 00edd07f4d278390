import { describe, expect, it } from "vitest";
import { secretsIn, settingsOf, variables } from "../../src/operator/settings.ts";
import { createAppKey } from "../support/app-key.ts";

const { privateKey } = createAppKey();
const COMPLETE = {
  APP_ID: "12",
  PRIVATE_KEY: privateKey.replaceAll("\n", "\\n"),
  WEBHOOK_SECRET: "s3cr3t".repeat(8),
};

describe("the operator's settings", () => {
  it("need an App, its key and a secret; the rest has defaults", () => {
    expect(settingsOf(COMPLETE)).toMatchObject({
      APP_ID: 12,
      PRIVATE_KEY: privateKey,
      GITHUB_API_URL: "https://api.github.com",
      METRICS_HOSTS: [],
      PORT: 3000,
      SWEEP_SECONDS: 300,
      WRITE_GAP_MS: 1000,
      PUSHES_PER_MINUTE: 6,
      MERGES_PER_MINUTE: 1,
    });
  });

  it("take lists with commas and addresses without a slash at the end", () => {
    const settings = settingsOf({
      ...COMPLETE,
      METRICS_HOSTS: " a.example.com, http://b:9090 ,",
      GITHUB_URL: "https://ghe.example.com/",
      PUBLIC_URL: "https://ops.example.com/tidegate/",
    });
    expect(settings.METRICS_HOSTS).toEqual(["a.example.com", "http://b:9090"]);
    expect(settings.GITHUB_URL).toBe("https://ghe.example.com");
    expect(settings.PUBLIC_URL).toBe("https://ops.example.com/tidegate");
  });

  it.each([
    [{}, /APP_ID: is not set[^]*WEBHOOK_SECRET: is not set[^]*PRIVATE_KEY or PRIVATE_KEY_PATH: is not set/],
    [{ ...COMPLETE, PRIVATE_KEY: "" }, /PRIVATE_KEY or PRIVATE_KEY_PATH: is not set/],
    [{ ...COMPLETE, APP_ID: "twelve" }, /APP_ID: /],
    [{ ...COMPLETE, PORT: "70000" }, /PORT: /],
    [{ ...COMPLETE, GITHUB_API_URL: "ftp://example.com" }, /GITHUB_API_URL: /],
    [{ ...COMPLETE, PUBLIC_URL: "tidegate.example.com" }, /PUBLIC_URL: /],
    [{ ...COMPLETE, PUBLIC_URL: "https://tidegate.example.com/?a=b" }, /PUBLIC_URL: /],
    [{ ...COMPLETE, PUBLIC_URL: "https://ana:word@tidegate.example.com" }, /PUBLIC_URL: /],
    [{ ...COMPLETE, QUEUE_URL: "http://redis.example.com" }, /QUEUE_URL: must be an address such as redis:/],
    [{ ...COMPLETE, QUEUE_URL: "redis.example.com:6379" }, /QUEUE_URL: must be an address such as redis:/],
    [{ ...COMPLETE, CONFIG_REPOSITORY: "platform" }, /CONFIG_REPOSITORY: must be the owner\/name/],
    [
      { ...COMPLETE, CONFIG_REPOSITORY: "acme/platform,Acme/other" },
      /CONFIG_REPOSITORY: must name one repository of each/,
    ],
    [{ ...COMPLETE, LOG_LEVEL: "loud" }, /LOG_LEVEL: /],
    [{ ...COMPLETE, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "/nowhere/key.pem" }, /cannot be read/],
    [{ ...COMPLETE, PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----" }, /^PRIVATE_KEY holds no private key in PEM form/],
    [
      { ...COMPLETE, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "package.json" },
      /PRIVATE_KEY_PATH names holds no private/,
    ],
  ])("name what is missing or wrong: %j", (environment, words) => {
    expect(() => settingsOf(environment)).toThrow(words);
  });

  it("never repeat a value", () => {
    const secret = "hunter2".repeat(6);
    expect(() => settingsOf({ WEBHOOK_SECRET: secret, APP_ID: secret })).not.toThrow(new RegExp(secret));
    expect(() => settingsOf({ ...COMPLETE, QUEUE_URL: `http://:${secret}@a` })).not.toThrow(new RegExp(secret));
  });

  it("say in one message what each missing one is for, and what was probably meant by another name", () => {
    expect(() => settingsOf({ WEBHOOK_SECERT: "x", REDIS_URL: "redis://a" })).toThrow(
      /APP_ID: is not set\. The App's id[^]*WEBHOOK_SECRET: is not set\. [^]*PRIVATE_KEY or[^]*WEBHOOK_SECERT: is set, and nothing reads it\. Did you mean WEBHOOK_SECRET\?[^]*REDIS_URL: is set[^]*QUEUE_URL\?[^]*tidegate setup/,
    );
  });
});

describe("the table of variables", () => {
  it("has words for each of them, and examples that are understood", () => {
    const examples = variables().map(({ name, example = "" }): [string, string] => [name, example]);
    expect(variables().filter(({ means }) => means === "")).toEqual([]);
    expect(() => settingsOf({ ...COMPLETE, ...Object.fromEntries(examples), ...COMPLETE })).not.toThrow();
  });

  it("says what goes for one that is not set, as it then does", () => {
    const settings: Readonly<Record<string, unknown>> = settingsOf(COMPLETE);
    const free = variables().filter(({ isNeeded, name }) => !isNeeded && name !== "PRIVATE_KEY");
    expect(free.map(({ name, usual }) => [name, usual])).toEqual(
      free.map(({ name }) => [name, settings[name]?.toString()]),
    );
  });
});

it("name the values that are never to be shown, a password in an address by itself too", () => {
  const environment = {
    ...COMPLETE,
    QUEUE_URL: "redis://app:p%40ssword@redis.example.com:6379",
    METRICS_TOKEN: "t0ken",
    METRICS_HOSTS: "prometheus.example.com",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=0123",
    PATH: "/usr/bin",
  };
  expect(secretsIn(environment).filter((value) => value !== "")).toEqual([
    COMPLETE.PRIVATE_KEY,
    COMPLETE.WEBHOOK_SECRET,
    environment.QUEUE_URL,
    "t0ken",
    "api-key=0123",
    "p%40ssword",
    "p@ssword",
  ]);
});
