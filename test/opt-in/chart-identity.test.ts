import * as fc from "fast-check";
import { expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { chartInput } from "../support/chart-ground.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const WISH = wishOf("checkout canary-gateway-api gateway=public hostnames=checkout.example.com");

/** How the values are named in an Application of Argo CD's. */
const HELM: readonly string[] = [
  "    helm:\n      valueFiles:\n        - ../prod/values.yaml # ours\n",
  "    helm:\n        releaseName: checkout\n        valueFiles:\n        -   ../prod/values.yaml\n",
  "    helm: { valueFiles: [../prod/values.yaml] }\n",
  "    helm:\n      valueFiles: [ '../prod/values.yaml' ] # ours\n      releaseName: checkout\n",
  "    helm: # ours\n      valueFiles:\n\n      - ../prod/values.yaml\n\n      - ../more/values.yaml\n",
];
/** The same where the chart's own values are all. */
const BARE: readonly string[] = [
  "",
  "    helm:\n      releaseName: checkout\n",
  "    helm: { releaseName: checkout }\n",
];
const HEAD: readonly string[] = ["", "# Ours.\n", "---\n"];
const LIST: readonly string[] = [
  "resources:\n- checkout.yaml\n- redis.yaml\n",
  "resources:\n  -   checkout.yaml # ours\n\n  -   redis.yaml\n",
  "resources: [checkout.yaml, redis.yaml]\n",
];

const written: fc.Arbitrary<Files> = fc
  .record({
    helm: fc.constantFrom(...HELM, ...BARE),
    head: fc.constantFrom(...HEAD),
    list: fc.constantFrom(...LIST),
    end: fc.constantFrom("", "\n", "\n\n", "\n# The end.\n"),
    isFirst: fc.boolean(),
    isWindows: fc.boolean(),
  })
  .map(({ helm, head, list, end, isFirst, isWindows }) => {
    const files = new Map(chartInput("chart-of-argo-cd"));
    const application = (files.get("clusters/prod/checkout.yaml") ?? "").replace(/ {4}helm:\n(?: {6}.*\n)+/, helm);
    const other = files.get("clusters/prod/redis.yaml") ?? "";
    const both = isFirst ? `${application}---\n${other.replace("redis-prod", "cache-prod")}` : application;
    const text = (one: string) => (isWindows ? one.replaceAll("\n", "\r\n") : one);
    files.set("clusters/prod/checkout.yaml", text(`${head}${both}`.replace(/\n+$/, "") + end));
    files.set("clusters/prod/kustomization.yaml", text(list.replace(/\n+$/, "") + end));
    files.set("apps/checkout/more/values.yaml", "level: info\n");
    const own = files.get("apps/checkout/chart/values.yaml") ?? "";
    if (!helm.includes("valueFiles"))
      files.set("apps/checkout/chart/values.yaml", own.replace('tag: ""', 'tag: "1.4.0"'));
    return files;
  });

it("opting a chart in and out gives back every byte, however people write the object that brings it", () => {
  fc.assert(
    fc.property(written, (files) => {
      const { files: texts, service } = valueOf(optIn(groundOf(files), WISH));
      const after = applied(files, texts);
      const { files: back, remarks } = valueOf(optOut(groundOf(after), { service, targets: undefined }));
      expect(applied(after, back)).toEqual(files);
      expect(remarks).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
