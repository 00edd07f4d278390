import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { METRICS } from "../src/adapters/observe/catalogue.ts";
import type { Described } from "../src/adapters/observe/described.ts";
import { GENERATED, table, type Page } from "./page.ts";

const HEAD = `What \`/metrics\` shows, in Prometheus' text format; [observability.md](observability.md) says where it is read, what to be woken for, and what there is beside. Times are seconds, moments seconds since 1970.

No label holds the name of a service, a person, a branch or a pull request: an installation may have thousands of services, and each would be a series for as long as Prometheus keeps it. What is known of services is on their checks and from \`tidegate why\`. Repositories are labels of what one wants to find: there are as many as have services under Tidegate, and of others nothing is shown. What no look has renewed for four sweeps is not shown any more.`;

const BESIDES = `Beside these there are Node's own as [prom-client](https://github.com/siimon/prom-client) names them, such as \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\` and \`nodejs_eventloop_lag_p99_seconds\`.

With several processes each shows what it did and saw itself; sums over all of them are right for counters. Where a repository's services stand, more than one may show: the newest is right. The rules in [deploy/prometheus/rules.yml](../deploy/prometheus/rules.yml) record it as \`tidegate:members\` and so on, and dashboard and alerts read that.`;

const ALERTS = `## Alerts

[deploy/prometheus/rules.yml](../deploy/prometheus/rules.yml) has them, and what they ask for; copy the file into \`rule_files\` of a Prometheus that scrapes Tidegate. [deploy/grafana/tidegate.json](../deploy/grafana/tidegate.json) is a dashboard that reads the same rules: import it in Grafana and choose that Prometheus.`;

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          for: z.string().default("0m"),
          labels: z.object({ severity: z.string() }).optional(),
          annotations: z.object({ summary: z.string(), description: z.string() }).optional(),
        }),
      ),
    }),
  ),
});

function alertRows(): readonly (readonly string[])[] {
  const text = readFileSync(new URL("../deploy/prometheus/rules.yml", import.meta.url), "utf8");
  return Rules.parse(parse(text))
    .groups.flatMap(({ rules }) => rules)
    .flatMap(({ alert, for: after, labels, annotations }) =>
      alert === undefined || annotations === undefined
        ? []
        : [[`\`${alert}\``, labels?.severity ?? "", after, spoken(annotations.summary), annotations.description]],
    );
}

/** A label's place as a word. */
function spoken(text: string): string {
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, "*$1*");
}

/** The page of metrics: every one that is exposed, from the table that they are made of. */
export function metricsPage(): Page {
  const rows = Object.values(METRICS).map((metric: Described) => [
    `\`${metric.name}\``,
    metric.type,
    metric.help,
    Object.entries(metric.labels)
      .map(([label, holds]) => `\`${label}\`: ${holds}`)
      .join("<br>"),
  ]);
  const parts = [
    "# Metrics",
    GENERATED,
    HEAD,
    table(["metric", "type", "what it tells", "labels"], rows),
    BESIDES,
    ALERTS,
  ];
  parts.push(table(["alert", "severity", "after", "says", "do"], alertRows()));
  return { path: "docs/metrics.md", text: `${parts.join("\n\n")}\n` };
}
