import { expect, it } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import { deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { groundOf, wishOf } from "../support/opt-in-ground.ts";
import { checkOn, conclusionOf, pullNow, saidOn } from "../support/story-reads.ts";
import { CONFIG, REPO } from "../support/story-world.ts";
import { openBump } from "../support/story-plot.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

type Files = Readonly<Record<string, string | undefined>>;

/** A service of people's, as it is added. */
function service(name: string, folder = `apps/${name}`): Files {
  return {
    [`${folder}/deployment.yaml`]: deploymentText(name).replace("replicas: 1", "replicas: 4"),
    [`${folder}/service.yaml`]: serviceText(name, `app: ${name}`),
  };
}

async function propose(story: Story, branch: string, files: Files): Promise<Pull> {
  const pull = await story.github.openPull({ repo: REPO, user: "ben", branch, title: branch, files });
  await story.settle();
  return pull;
}

async function pushOnto(story: Story, { number, head }: Pull, files: Files): Promise<Pull> {
  await story.github.push({ repo: REPO, user: "ben", branch: head.branch, files, message: "Go on" });
  await story.settle();
  return pullNow(story, number);
}

function policyOn(story: Story, pull: Pull) {
  const run = checkOn(story, pull, "tidegate/policy");
  if (run === undefined) return undefined;
  const { title, summary, annotations } = run.output;
  return { conclusion: conclusionOf(run), title, summary: summary ?? "", annotations };
}

it.concurrent(
  "a new service without a template is advised to get one, and what is edited, moved, bumped or no service is not",
  UNHURRIED,
  told({ files: new Map(Object.entries(service("cart")) as [string, string][]) }, async (story) => {
    const added = await propose(story, "add-search", service("search"));
    const said = policyOn(story, added);
    expect(said).toMatchObject({ conclusion: "neutral", title: "search: new without a template", annotations: [] });
    expect(said?.summary).toContain("a Deployment at line 1 of apps/search/deployment.yaml");
    expect(said?.summary).toContain("`npx tidegate opt-in search`, or `/opt-in search`");
    expect(saidOn(story, added.number)).toEqual([]);

    const cart = await story.file("apps/cart/deployment.yaml");
    const edited = await propose(story, "edit", { "apps/cart/deployment.yaml": cart.replace("info", "debug") });
    const gone = { "apps/cart/deployment.yaml": undefined, "apps/cart/service.yaml": undefined };
    const moved = await propose(story, "move", { ...gone, ...service("cart", "apps/shop-cart") });
    const bumped = await openBump(story, { service: "checkout", version: "1.1.0" });
    const notes = await propose(story, "notes", { "notes.md": "# Notes\n" });
    await story.settle();
    expect([edited, moved, bumped, notes].map((pull) => policyOn(story, pull))).toEqual(Array(4).fill(undefined));
  }),
);

it.concurrent(
  "a required template fails the pull request until the service is opted in on it, whatever its own configuration says",
  UNHURRIED,
  told({ config: { policy: "{ newWorkloads: require }" } }, async (story) => {
    const config = await story.file(CONFIG);
    const added = await propose(story, "add-search", {
      ...service("search"),
      [CONFIG]: config.replace("newWorkloads: require", "newWorkloads: off"),
    });
    expect(policyOn(story, added)).toMatchObject({
      conclusion: "failure",
      title: "search: new without a template, which is required",
    });
    expect(checkOn(story, added, "tidegate/plan")?.output.summary).toContain(
      "- now newWorkloads: require, pitfalls: advise\n- then newWorkloads: off, pitfalls: advise",
    );

    const files = new Map(Object.entries({ ...service("search") }) as [string, string][]);
    const written = valueOf(optIn(groundOf(files), wishOf("search canary-gateway-api gateway=public"))).files;
    const mended = await pushOnto(story, added, { ...Object.fromEntries(written), [CONFIG]: config });
    expect(policyOn(story, mended)).toMatchObject({
      conclusion: "success",
      title: "Nothing is added without a template, and no pitfall comes with it",
    });
  }),
);

const STATEFUL = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ledger }
spec:
  selector: { matchLabels: { app: ledger } }
  template:
    metadata: { labels: { app: ledger } }
    spec: { containers: [{ name: app, image: "registry.example.com/shop/ledger:1.0.0" }] }
`;
const EXEMPTING = `{ newWorkloads: require, exempt: [{ services: [trial-*], reason: "ends with the *trial* in May" }, { paths: ["bases/**"], reason: "bases run nowhere" }] }`;

it.concurrent(
  "what is exempt is let go with its reason, and what cannot be opted in with why",
  UNHURRIED,
  told({ config: { policy: EXEMPTING } }, async (story) => {
    const exempt = await propose(story, "trial", service("trial-search"));
    const said = policyOn(story, exempt);
    expect(said?.conclusion).toBe("success");
    expect(said?.title).toBe("trial-search: new without a template, which is let go");
    expect(said?.summary).toContain("exempt, ends with the \\*trial\\* in May");

    const based = await propose(story, "based", {
      ...service("mail", "bases/mail"),
      "bases/mail/kustomization.yaml": kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
      "apps/mail/kustomization.yaml": kustomizationText({ namespace: ["shop"], resources: ["../../bases/mail"] }),
    });
    expect(policyOn(story, based)).toMatchObject({
      conclusion: "failure",
      title: "mail: new without a template, which is required",
    });

    const worker = service("worker");
    const { "apps/worker/service.yaml": _, ...without } = worker;
    const unfit = await propose(story, "unfit", { ...without, "apps/ledger/set.yaml": STATEFUL });
    const why = policyOn(story, unfit);
    expect(why?.conclusion).toBe("success");
    expect(why?.summary).toContain("cannot be opted in: a StatefulSet at line 1 of apps/ledger/set.yaml");
    expect(why?.summary).toContain("cannot be opted in: no Service that selects its pods");
  }),
);

/** A Deployment that nothing sends to, plain or behind an overlay. */
const UNSERVED: Files = {
  "apps/till/deployment.yaml": deploymentText("till").replace("replicas: 1", "replicas: 4"),
  "bases/wish/deployment.yaml": deploymentText("wish").replace("replicas: 1", "replicas: 4"),
  "bases/wish/kustomization.yaml": kustomizationText({ resources: ["deployment.yaml"] }),
  "apps/wish/kustomization.yaml": kustomizationText({ namespace: ["shop"], resources: ["../../bases/wish"] }),
};

it.concurrent(
  "a workload that gets its Service later is asked then, and only then",
  UNHURRIED,
  told(
    {
      config: { policy: "{ newWorkloads: require }" },
      files: new Map(Object.entries({ ...UNSERVED, ...service("cart") }) as [string, string][]),
    },
    async (story) => {
      const plain = await propose(story, "serve-till", { "apps/till/service.yaml": serviceText("till", "app: till") });
      expect(policyOn(story, plain)).toMatchObject({
        conclusion: "failure",
        title: "till: can be opted in now, and is without a template, which is required",
      });
      expect(policyOn(story, plain)?.summary).toContain(
        "apps/till/deployment.yaml, which could not be opted in before",
      );

      const based = await propose(story, "serve-wish", {
        "bases/wish/kustomization.yaml": kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
        "bases/wish/service.yaml": serviceText("wish", "app: wish"),
      });
      expect(policyOn(story, based)?.title).toBe(
        "wish: can be opted in now, and is without a template, which is required",
      );

      const second = serviceText("cart", "app: cart").replace("name: cart", "name: cart-internal");
      const more = await propose(story, "more", { "apps/cart/internal.yaml": second });
      const others = serviceText("till", "app: other");
      const elsewhere = await propose(story, "elsewhere", { "apps/till/service.yaml": others });
      expect(policyOn(story, more)).toBeUndefined();
      expect(policyOn(story, elsewhere)?.summary ?? "").not.toContain("without a template");
    },
  ),
);

const WRONG = serviceText("search", "app: serach");

it.concurrent(
  "a pitfall is shown on its line until it is mended, and its clean twin brings no check",
  UNHURRIED,
  told({ config: { policy: "{ newWorkloads: off, pitfalls: errors }" } }, async (story) => {
    const clean = await propose(story, "clean", service("till"));
    expect(policyOn(story, clean)).toBeUndefined();

    const added = await propose(story, "add", { ...service("search"), "apps/search/service.yaml": WRONG });
    const said = policyOn(story, added);
    expect(said).toMatchObject({ conclusion: "failure", title: "a pitfall (selector-without-pods)" });
    expect(
      said?.annotations.map(({ path, start_line, annotation_level }) => [path, start_line, annotation_level]),
    ).toEqual([["apps/search/service.yaml", 1, "failure"]]);
    const [{ title, message } = { title: "", message: "" }] = said?.annotations ?? [];
    expect(title).toContain("selector-without-pods: the Service search takes pods with app: serach");
    expect(message).toContain("Why: the Service has no endpoints: all that is sent to it fails.\nFix: ");
    expect(said?.summary).toContain("line 1 of apps/search/service.yaml: the Service search takes pods with");

    const runs = () => story.github.checks(REPO, added.head.sha).map(({ id }) => id);
    const before = runs();
    await story.restart(async () => {});
    await story.settle();
    expect(runs()).toEqual(before);

    const allowed = `# tidegate-lint: allow selector-without-pods because its pods come by hand\n${WRONG}`;
    const silenced = await pushOnto(story, added, { "apps/search/service.yaml": allowed });
    expect(policyOn(story, silenced)).toMatchObject({ conclusion: "success", annotations: [] });
    const wordless = allowed.replace(" because its pods come by hand", "");
    const again = await pushOnto(story, silenced, { "apps/search/service.yaml": wordless });
    expect(policyOn(story, again)).toMatchObject({ conclusion: "failure", title: "2 pitfalls" });
    const mended = await pushOnto(story, again, { "apps/search/service.yaml": serviceText("search", "app: search") });
    expect(policyOn(story, mended)).toMatchObject({ conclusion: "success", annotations: [] });
    expect(saidOn(story, added.number)).toEqual([]);
  }),
);

it.concurrent(
  "many at once are all judged, and what stands on the tracked branch later goes for them: exempted, not asked any more, asked again",
  UNHURRIED,
  told({ config: { policy: "{ newWorkloads: require }" }, sweepSeconds: 60 }, async (story) => {
    const names = ["ads", "cart", "mail", "till", "wish"];
    const pulls = await Promise.all(
      names.map((name) =>
        story.github.openPull({ repo: REPO, user: "ben", branch: name, title: name, files: service(name) }),
      ),
    );
    const conclusions = () => pulls.map((pull) => policyOn(story, pull)?.conclusion);
    const untilAll = (conclusion: string) =>
      story.until(conclusion, () => conclusions().every((one) => one === conclusion), 120_000);
    await untilAll("failure");

    const config = await story.file(CONFIG);
    const asking = async (policy: string) => {
      const text = config.replace("{ newWorkloads: require }", policy);
      story.byHand.add(await story.push("ana", { [CONFIG]: text }, "Ask for something else"));
      await story.settle();
    };
    await asking('{ newWorkloads: require, exempt: [{ services: ["*"], reason: a trial }] }');
    await untilAll("success");
    expect(policyOn(story, pulls[0] ?? pullNow(story, 1))?.summary).toContain("exempt, a trial");
    await asking("{ newWorkloads: advise }");
    await untilAll("neutral");
    await asking("{ newWorkloads: off, pitfalls: off }");
    await untilAll("success");
    await story.restart(async () => {});
    await asking("{ newWorkloads: require }");
    await untilAll("failure");

    await story.restart(async () => {
      const [first] = pulls;
      const branch = first?.head.branch ?? "";
      const files = { "apps/ads/deployment.yaml": undefined, "apps/ads/service.yaml": undefined, "ads.yaml": "a: 1\n" };
      await story.github.push({ repo: REPO, user: "ben", branch, files, message: "Leave it" });
    });
    await story.settle();
    const mended = pullNow(story, pulls[0]?.number);
    await story.until("the mended one", () => policyOn(story, mended)?.conclusion === "success", 120_000);
  }),
);

const HOSTILE = "@ben <img src=x> `x` [a](https://example.com) |#1";

it.concurrent(
  "names of anybody's call nobody, link nowhere and end no list",
  UNHURRIED,
  told({}, async (story) => {
    const folder = "apps/search";
    const added = await propose(story, "hostile", {
      [`${folder}/deployment.yaml`]: deploymentText("search").replace(
        "name: search",
        `name: ${JSON.stringify(HOSTILE)}`,
      ),
      [`${folder}/service.yaml`]: WRONG.replace("serach", JSON.stringify(HOSTILE)),
    });
    const said = policyOn(story, added);
    expect(said?.conclusion).toBe("neutral");
    expect(said?.title).not.toMatch(/@ben|(?<!&)#1/);
    expect(said?.summary).not.toMatch(/<img|(?<!\\)\]\(|\n[|#]/);
    expect(said?.summary).not.toMatch(/@ben|(?<!&)#1/);
    expect(JSON.stringify(said?.annotations)).not.toMatch(/@ben|#1\b/);
  }),
);
