import type { Described } from "./described.ts";
import { RELEASES } from "./releases.ts";

const INSTALLATION = "its number";
const LANES = "who goes first: `abort`, `person`, `step`, `talk`, `news`, `progress`";
const SHORT = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every metric of Tidegate's own. No label ever names a service, a person, a pull request or an address. */
export const METRICS = {
  looks: {
    name: "tidegate_look_duration_seconds",
    type: "histogram",
    help: "Looks at a repository, and how long they took.",
    labels: { result: "`done`, `failed`" },
    buckets: LONG,
  },
  lookParts: {
    name: "tidegate_look_part_duration_seconds",
    type: "histogram",
    help: "How long the parts of looks took.",
    labels: { part: "`see`: git, GitHub and metrics are read; `act`: what follows is done" },
    buckets: LONG,
  },
  lastLook: {
    name: "tidegate_last_look_timestamp_seconds",
    type: "gauge",
    help: "When a look of this process last ended well.",
    labels: {},
  },
  failing: {
    name: "tidegate_failing_looks",
    type: "gauge",
    help: "Looks at a repository that failed in a row; absent where the last one did not.",
    labels: { repository: "`owner/name`" },
  },
  sweeps: {
    name: "tidegate_sweeps_total",
    type: "counter",
    help: "Sweeps over all repositories.",
    labels: { result: "`done`, `failed`: not every repository was reached" },
  },
  sweepDuration: {
    name: "tidegate_sweep_duration_seconds",
    type: "gauge",
    help: "How long the last sweep took to ask GitHub for all repositories and to queue them.",
    labels: {},
  },
  lastSweep: {
    name: "tidegate_last_sweep_timestamp_seconds",
    type: "gauge",
    help: "When the last sweep that reached every repository ended.",
    labels: {},
  },
  repositories: {
    name: "tidegate_repositories",
    type: "gauge",
    help: "Repositories that the last sweep found.",
    labels: {},
  },
  queueWaiting: {
    name: "tidegate_queue_waiting",
    type: "gauge",
    help: "Repositories that wait to be looked at now; on Redis those of all processes.",
    labels: {},
  },
  queuePutOff: {
    name: "tidegate_queue_put_off",
    type: "gauge",
    help: "Repositories whose look is put off, as nothing but news asks for it; what a person asks for never is.",
    labels: {},
  },
  queueRunning: {
    name: "tidegate_queue_running",
    type: "gauge",
    help: "Repositories that this process looks at now.",
    labels: {},
  },
  queueOldest: {
    name: "tidegate_queue_oldest_due_seconds",
    type: "gauge",
    help: "For how long the look or wake has been due that waits longest; 0 where none waits.",
    labels: {},
  },
  queueStalled: {
    name: "tidegate_queue_stalled_total",
    type: "counter",
    help: "Looks that a process left unfinished and that were given to another; on Redis only.",
    labels: {},
  },
  queueUp: {
    name: "tidegate_queue_up",
    type: "gauge",
    help: "1 while the queue takes work: 0 while its Redis is away.",
    labels: {},
  },
  webhooks: {
    name: "tidegate_webhooks_total",
    type: "counter",
    help: "Webhooks by what they were answered.",
    labels: {
      event: "its name where the signature was right, `other` for events that are not used, `none` where it was not",
      status: "the HTTP status: 202 is accepted",
    },
  },
  webhookDuration: {
    name: "tidegate_webhook_duration_seconds",
    type: "histogram",
    help: "From a webhook's headers to its answer.",
    labels: {},
    buckets: SHORT,
  },
  lastWebhook: {
    name: "tidegate_last_webhook_timestamp_seconds",
    type: "gauge",
    help: "When a webhook was last accepted.",
    labels: { event: "its name, or `other`" },
  },
  requests: {
    name: "tidegate_github_requests_total",
    type: "counter",
    help: "Requests to GitHub's API, repeated ones each by itself.",
    labels: {
      call: "`read`, `write`, `content`: a write that people are told of",
      lane: LANES,
      status: "the HTTP status, `none` where there was no answer",
    },
  },
  requestDuration: {
    name: "tidegate_github_request_duration_seconds",
    type: "histogram",
    help: "From sending a request to GitHub until it was answered; waiting for the rate is not in it.",
    labels: { call: "`read`, `write`, `content`" },
    buckets: SHORT,
  },
  throttled: {
    name: "tidegate_github_throttled_total",
    type: "counter",
    help: "Requests that GitHub refused for their rate.",
    labels: { lane: LANES },
  },
  hourlyLeft: {
    name: "tidegate_github_hourly_left",
    type: "gauge",
    help: "Requests that GitHub grants until its hour ends, as it last said.",
    labels: { installation: INSTALLATION },
  },
  hourlyLimit: {
    name: "tidegate_github_hourly_limit",
    type: "gauge",
    help: "Requests that GitHub grants in an hour.",
    labels: { installation: INSTALLATION },
  },
  limitUsed: {
    name: "tidegate_github_limit_used_ratio",
    type: "gauge",
    help: "Share of a limit of GitHub's that this process has used in its last stretch; aborts may go beyond 1.",
    labels: {
      installation: INSTALLATION,
      limit: "`points`, `contentPerMinute`, `contentPerHour`",
    },
  },
  repositoryUsed: {
    name: "tidegate_repository_limit_used_ratio",
    type: "gauge",
    help: "Share of the pushes or merges to a repository that are allowed and that this process has used in the last stretch.",
    labels: { repository: "`owner/name`, of those pushed to lately", limit: "`pushes`, `merges`" },
  },
  requestsWaiting: {
    name: "tidegate_github_requests_waiting",
    type: "gauge",
    help: "Requests that wait until they may be sent.",
    labels: { installation: INSTALLATION, lane: LANES },
  },
  blocked: {
    name: "tidegate_github_blocked_seconds",
    type: "gauge",
    help: "For how long nothing is sent yet, as GitHub has refused; 0 where it has not.",
    labels: { installation: INSTALLATION, lane: "`ordinary`, `abort`: aborts may try again sooner" },
  },
  heldBack: {
    name: "tidegate_github_held_back_total",
    type: "counter",
    help: "Requests that were not sent as they would have waited too long, and that a later look makes.",
    labels: { installation: INSTALLATION },
  },
  gitCommands: {
    name: "tidegate_git_commands_total",
    type: "counter",
    help: "Commands of git that were run.",
    labels: { command: "git's subcommand", result: "`done`, `failed`" },
  },
  gitDuration: {
    name: "tidegate_git_command_duration_seconds",
    type: "histogram",
    help: "How long commands of git took.",
    labels: { command: "git's subcommand" },
    buckets: LONG,
  },
  queries: {
    name: "tidegate_provider_queries_total",
    type: "counter",
    help: "Requests to metrics providers.",
    labels: {
      host: "one that `METRICS_HOSTS` allows",
      result: "the HTTP status, `none` where there was no answer",
    },
  },
  queryDuration: {
    name: "tidegate_provider_query_duration_seconds",
    type: "histogram",
    help: "From asking a metrics provider until its answer began.",
    labels: { host: "one that `METRICS_HOSTS` allows" },
    buckets: SHORT,
  },
  ...RELEASES,
  ready: {
    name: "tidegate_ready",
    type: "gauge",
    help: "1 while `/readyz` says that webhooks are welcome.",
    labels: {},
  },
  build: {
    name: "tidegate_build_info",
    type: "gauge",
    help: "1, and what runs.",
    labels: { version: "Tidegate's", node: "Node's" },
  },
} as const satisfies Readonly<Record<string, Described>>;
