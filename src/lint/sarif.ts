import { entryOf, type RuleId } from "./catalogue.ts";
import type { Finding, Linted } from "./lint.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** What was found as a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code scanning takes. What is allowed is in it as suppressed. */
export function sarifOf({ findings, allowed }: Linted, version: string): object {
  const used = [...new Set([...findings, ...allowed].map(({ rule }) => rule))];
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "tidegate lint", version, rules: used.map(ruleOf) } },
        results: [
          ...findings.map(resultOf),
          ...allowed.map((one) => ({
            ...resultOf(one),
            suppressions: [{ kind: "inSource", justification: one.because }],
          })),
        ],
      },
    ],
  };
}

function ruleOf(rule: RuleId): object {
  const { severity, what, why, fix } = entryOf(rule);
  return {
    id: rule,
    shortDescription: { text: what },
    fullDescription: { text: why },
    help: { text: fix },
    defaultConfiguration: { level: severity },
  };
}

function resultOf({ rule, severity, path, line, what }: Finding): object {
  const location = { physicalLocation: { artifactLocation: { uri: encodeURI(path) }, region: { startLine: line } } };
  return { ruleId: rule, level: severity, message: { text: what }, locations: [location] };
}
