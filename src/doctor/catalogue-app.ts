import type { Entry } from "./entry.ts";

/** Findings about the App, its installations, its webhooks and this machine. */
export const APP_FINDINGS = {
  "app-signed-in": {
    area: "App",
    severity: "ok",
    means: "APP_ID and PRIVATE_KEY go together.",
  },
  "app-refused": {
    area: "App",
    severity: "error",
    means: "GitHub does not take what the App signs; nothing at all works.",
    fix: "Compare APP_ID with the App's settings page, and PRIVATE_KEY with the keys listed there; generate a new key where in doubt. A clock that is wrong by minutes has the same effect.",
  },
  "permissions-asked": {
    area: "App",
    severity: "ok",
    means: "The App asks for all that Tidegate needs.",
  },
  "permission-missing": {
    area: "App",
    severity: "error",
    means: "Tidegate cannot do its work without it.",
    fix: "In the App's settings, Permissions & events, set it to the level named here; then each installation accepts the request.",
  },
  "statuses-missing": {
    area: "App",
    severity: "warning",
    means:
      "GitHub offers an App as the source of a required check only where it may write commit statuses, so nobody can pin tidegate/plan and tidegate/gate to it.",
    fix: "In the App's settings, Permissions & events, set Commit statuses to Read and write; then each installation accepts the request.",
  },
  "members-missing": {
    area: "App",
    severity: "warning",
    means: "Configuration lets teams command, and the App cannot see who is in a team: such a rule then allows nobody.",
    fix: "In the App's settings, Permissions & events, Organization permissions, set Members to Read-only; or name users and roles in .github/tidegate.yml.",
  },
  "reports-unreadable": {
    area: "App",
    severity: "error",
    means:
      "Configuration says observe: reported for a target, and the App may not read what is reported: nothing there is ever seen live by it.",
    fix: "In the App's settings, Permissions & events, set it to Read-only; then each installation accepts the request. Or let the target be seen otherwise.",
  },
  "permission-unneeded": {
    area: "App",
    severity: "warning",
    means: "Tidegate never uses it; whoever gets hold of the key could.",
    fix: "In the App's settings, Permissions & events, set it to No access.",
  },
  "events-subscribed": {
    area: "App",
    severity: "ok",
    means: "GitHub tells of every change as it happens.",
  },
  "event-missing": {
    area: "App",
    severity: "warning",
    means: "What it would tell of is noticed at the next sweep only (SWEEP_SECONDS), commands and bumps among it.",
    fix: "In the App's settings, Permissions & events, Subscribe to events, tick it.",
  },
  "no-installation": {
    area: "Installation",
    severity: "error",
    means: "Tidegate neither sees the repository nor may touch it.",
    fix: "Install the App on the account, or add the repository to what the installation covers (the account's settings, GitHub Apps, Configure).",
  },
  "installation-suspended": {
    area: "Installation",
    severity: "error",
    means: "Every request is refused until it is resumed; releases rest where they are.",
    fix: "On the installation's page, choose Unsuspend.",
  },
  "permission-not-accepted": {
    area: "Installation",
    severity: "error",
    means: "The App asks for it, and the account has not granted it yet.",
    fix: "An owner of the account opens the installation's page and accepts the new permissions.",
  },
  "event-not-accepted": {
    area: "Installation",
    severity: "warning",
    means:
      "The App subscribes to it, but this installation does not send it yet; it is noticed at the next sweep only.",
    fix: "An owner of the account opens the installation's page and accepts the new permissions.",
  },
  "installation-granted": {
    area: "Installation",
    severity: "ok",
    means: "The account has granted what the App asks for.",
  },
  "webhook-configured": {
    area: "Webhooks",
    severity: "ok",
    means: "GitHub signs its webhooks and sends JSON.",
  },
  "webhook-absent": {
    area: "Webhooks",
    severity: "warning",
    means: "Everything is noticed at the next sweep only (SWEEP_SECONDS).",
    fix: "In the App's settings, General, Webhook, tick Active and give the address of this Tidegate, ending in /api/github/webhooks.",
  },
  "webhook-path": {
    area: "Webhooks",
    severity: "warning",
    means: "Tidegate listens at /api/github/webhooks and answers 404 elsewhere, unless a proxy rewrites the path.",
    fix: "In the App's settings, General, Webhook URL, let the address end in /api/github/webhooks.",
  },
  "webhook-unsigned": {
    area: "Webhooks",
    severity: "error",
    means: "Without a secret GitHub signs nothing, and Tidegate refuses what is not signed.",
    fix: "In the App's settings, General, Webhook secret, enter the value of WEBHOOK_SECRET.",
  },
  "webhook-form": {
    area: "Webhooks",
    severity: "error",
    means: "Tidegate reads JSON and refuses forms.",
    fix: "Set the webhook's content type to application/json: PATCH /app/hook/config with content_type json, as the App.",
  },
  "webhook-certificates": {
    area: "Webhooks",
    severity: "warning",
    means: "GitHub would deliver to whoever stands between.",
    fix: "In the App's settings, General, SSL verification, choose Enable.",
  },
  "webhook-plain": {
    area: "Webhooks",
    severity: "warning",
    means: "What GitHub sends can be read on its way: names of branches, titles, comments.",
    fix: "In the App's settings, General, Webhook URL, give an address that begins with https.",
  },
  "deliveries-arrive": {
    area: "Webhooks",
    severity: "ok",
    means: "What GitHub sent in the last 24 hours was taken.",
  },
  "deliveries-none": {
    area: "Webhooks",
    severity: "ok",
    means: "Nothing happened in 24 hours, or GitHub sends nothing: a push to the repository would tell.",
  },
  "deliveries-some-failed": {
    area: "Webhooks",
    severity: "warning",
    means: "What they told of was noticed at the next sweep; the newest delivery was taken.",
    fix: "Look at Recent deliveries in the App's settings, Advanced. 5xx and 0: this Tidegate, or a proxy before it, was down. 400 and 401: the secrets differ.",
  },
  "deliveries-fail": {
    area: "Webhooks",
    severity: "error",
    means: "GitHub does not get through: everything is noticed at the next sweep only.",
    fix: "Look at Recent deliveries in the App's settings, Advanced. 0: the address is not reached from outside. 400 and 401: WEBHOOK_SECRET is not the secret in the settings. 404: the path. 5xx: this Tidegate or a proxy before it.",
  },
  "deliveries-throttled": {
    area: "Webhooks",
    severity: "warning",
    means: "GitHub holds deliveries back, for minutes at times.",
    fix: "Nothing here; the sweep covers it. Untick events that Tidegate does not need (App's settings, Permissions & events).",
  },
  "charts-off": {
    area: "Charts",
    severity: "ok",
    means:
      "Nothing is missing but the pictures: checks say the same in a table and in a line of blocks. Where charts are wanted, PUBLIC_URL is the address under which browsers and GitHub reach this Tidegate, such as https://tidegate.example.com.",
  },
  "charts-shown": {
    area: "Charts",
    severity: "ok",
    means: "Checks embed charts from there. That the address is answered by this Tidegate was not tried.",
  },
  "public-url-plain": {
    area: "Charts",
    severity: "warning",
    means:
      "GitHub's pages are read over https, and what they embed over http may not be shown, or may be changed on its way.",
    fix: "Set PUBLIC_URL to an address that begins with https.",
  },
  "public-url-inside": {
    area: "Charts",
    severity: "warning",
    means:
      "GitHub fetches what checks embed, and the browsers of people elsewhere do not get there either: charts are broken pictures.",
    fix: "Set PUBLIC_URL to an address that is reached from outside, as the webhook's is; or leave it out, and checks carry no charts.",
  },
  "public-url-path": {
    area: "Charts",
    severity: "warning",
    means:
      "Charts are asked for at /charts/ below PUBLIC_URL, and Tidegate answers 404 elsewhere: charts are broken pictures.",
    fix: "Set PUBLIC_URL to what stands before /api/github/webhooks in the webhook's address, without a page of Tidegate's at its end.",
  },
  "clock-agrees": {
    area: "Clock",
    severity: "ok",
    means: "Windows, bakes and tokens go by the same time as GitHub's.",
  },
  "clock-drifts": {
    area: "Clock",
    severity: "warning",
    means: "Bake times are judged against commits' dates; windows may be cut at the wrong place.",
    fix: "Let this machine keep its time by NTP (timedatectl set-ntp true).",
  },
  "clock-wrong": {
    area: "Clock",
    severity: "error",
    means: "Verdicts rest on the wrong windows, and tokens that begin in the future are refused.",
    fix: "Set this machine's clock and let it keep its time by NTP (timedatectl set-ntp true).",
  },
  "git-found": {
    area: "Git",
    severity: "ok",
    means: "This git can do all that is asked of it.",
  },
  "git-old": {
    area: "Git",
    severity: "error",
    means: "Tidegate is written for 2.38 and newer, and tested with nothing older.",
    fix: "Install git 2.38 or newer, first on the PATH of this process.",
  },
  "git-absent": {
    area: "Git",
    severity: "error",
    means: "Everything that Tidegate knows and does is in git.",
    fix: "Install git 2.38 or newer, on the PATH of this process.",
  },
  "mirror-read": {
    area: "Git",
    severity: "ok",
    means: "The repository was fetched over git.",
  },
  "mirror-unreachable": {
    area: "Git",
    severity: "error",
    means: "Nothing of the repository can be read or written.",
    fix: "Check GITHUB_URL, a proxy between (https_proxy, no_proxy) and the installation's Contents permission; the words are git's own.",
  },
  "not-looked-at": {
    area: "Repository",
    severity: "warning",
    means: "Nothing is known of this part, good or bad.",
    fix: "Mend what the words say, then run tidegate doctor again.",
  },
} as const satisfies Readonly<Record<string, Entry>>;
