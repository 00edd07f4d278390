import { EXTRAS, NEEDED, STATUSES, type Permission } from "../doctor/asked.ts";
import { escaped, pageOf } from "./html.ts";
import type { Manifest } from "./manifest.ts";

export type Offer = {
  readonly manifest: Manifest;
  /** GitHub's page that takes it, the state within. */
  readonly takenAt: string;
  /** "the organisation acme on github.com". */
  readonly owner: string;
  /** The file that is written afterwards. */
  readonly file: string;
};

/** The page on which somebody reads what is going to be registered, and sends it to GitHub. */
export function offerPage({ manifest, takenAt, owner, file }: Offer): string {
  const { name, hook_attributes: hook, default_permissions: permissions } = manifest;
  const known = [...NEEDED, STATUSES, ...EXTRAS.map(({ permission }) => permission)];
  const rows = known.filter(({ permission }) => permission in permissions).map(permissionRow);
  const webhook = hook.active
    ? `<p>GitHub will deliver to <code>${escaped(hook.url)}</code>.</p>`
    : `<p>No webhook: nothing was said about an address that GitHub reaches. Tidegate then finds out by itself what happened, every five minutes unless <code>SWEEP_SECONDS</code> says otherwise; the webhook can be added in the App's settings at any time.</p>`;
  return pageOf(
    "Register Tidegate on GitHub",
    `<h1>Register Tidegate on GitHub</h1>
<p>A GitHub App named <strong>${escaped(name)}</strong> will be registered for ${escaped(owner)}. GitHub shows its name once more, where it can still be changed, and asks for your consent.</p>
<h2>What it may do</h2>
<table>${rows.join("")}</table>
<p class="soft">Only on the repositories that it is then installed on. It asks for neither workflows nor administration.</p>
<h2>Webhook</h2>
${webhook}
<h2>What comes back</h2>
<p>GitHub sends you back here, and the App's id, key and webhook secret are written to <code>${escaped(file)}</code>, readable by you alone. They are not shown.</p>
<form method="post" action="${escaped(takenAt)}"><input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest))}"><button type="submit">Register on GitHub</button></form>`,
  );
}

/** The page after the App's credentials are written; `steps` are the same as in the terminal. */
export function donePage(slug: string, file: string, install: string): string {
  return pageOf(
    `${slug} is registered`,
    `<h1>${escaped(slug)} is registered</h1>
<p>Its credentials are in <code>${escaped(file)}</code>, readable by you alone.</p>
<p>Next, install it on the GitOps repository, and on no other:</p>
<p><a class="deed" href="${escaped(install)}" rel="noreferrer">Install ${escaped(slug)}</a></p>
<p>Then, where you ran <code>tidegate setup</code>:</p>
<pre><code>npx tidegate start
npx tidegate doctor</code></pre>
<p class="soft">This page can be closed.</p>`,
  );
}

/** A page that says what went wrong. */
export function refusedPage(title: string, why: string): string {
  return pageOf(title, `<h1>${escaped(title)}</h1>\n<p class="bad">${escaped(why)}</p>`);
}

function permissionRow({ name, level, why }: Permission): string {
  const reason = escaped(why).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
  return `<tr><th scope="row">${escaped(name)}: ${level}</th><td>${reason}</td></tr>`;
}
