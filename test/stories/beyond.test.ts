import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { mergeByHand, untilStep } from "../support/story-plot.ts";
import { checkOn, planOf } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const [OLD, NEW] = [imageOf("checkout", "1.0.0"), imageOf("checkout", "1.1.0")];
const { canary } = pathsOf("checkout");
const WEB = "apps/web/deployment.yaml";

function web(version: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${imageOf("web", version)}
`;
}

it.concurrent(
  "a bump behind more files than GitHub lists is seen, with what else it changes of its service and whose images else it bumps",
  UNHURRIED,
  told({ config: { waves: "[{ targets: [prod], steps: [5, 25], bake: 30m }]", deadline: "1h" } }, async (story) => {
    story.byHand.add(await story.push("ana", { [WEB]: web("1.0.0") }, "Add web"));
    await story.settle();
    const before = await story.file(canary);
    const services = await story.file("apps/checkout/services.yaml");
    const notes = Object.fromEntries(Array.from({ length: 3_100 }, (_, at) => [`notes/${at}.txt`, "a\n"]));
    const bump = await story.github.openPull({
      repo: REPO,
      user: "ben",
      branch: "all-at-once",
      title: "Update everything",
      files: {
        ...notes,
        [canary]: before.replace(OLD, NEW).replace("memory: 256Mi", "memory: 512Mi"),
        "apps/checkout/services.yaml": services.replace("port: 80,", "port: 8080,"),
        [WEB]: web("1.1.0"),
      },
    });
    await story.settle();
    const plan = planOf(story, bump);
    expect(plan.conclusion).toBe("success");
    expect(plan.title).toContain("1.0.0 → 1.1.0");
    const summary = checkOn(story, bump, "tidegate/plan")?.output?.summary ?? "";
    expect(summary).toContain("of apps/checkout/deployment.yaml: Deployment shop/checkout-canary spec.template.spec");
    expect(summary).toContain("of apps/checkout/services.yaml: Service shop/checkout spec.ports");
    expect(summary).toContain(
      "It also bumps images that Tidegate does not steer, and that merging deploys at once: web in ",
    );
    expect(summary).not.toContain("notes/");
    expect(summary).not.toContain("looked into");

    story.byHand.add(await mergeByHand(story, "ben", bump.number));
    await untilStep(story, "checkout", "1-5");
  }),
);
