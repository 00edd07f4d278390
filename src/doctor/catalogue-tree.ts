import type { Entry } from "./entry.ts";

/** Findings about what the default branch holds, and about metrics. */
export const TREE_FINDINGS = {
  "config-read": {
    area: "Configuration",
    severity: "ok",
    means: "The configuration on the default branch is understood.",
  },
  "config-absent": {
    area: "Configuration",
    severity: "error",
    means: "Without it nothing moves.",
    fix: 'Commit .github/tidegate.yml to the default branch; begin with "version: 1" and where metrics are read from (README).',
  },
  "config-refused": {
    area: "Configuration",
    severity: "error",
    means: "Nothing of this repository moves until it is mended.",
    fix: "Mend that line of .github/tidegate.yml on the default branch.",
  },
  "config-unextended": {
    area: "Configuration",
    severity: "error",
    means: "What goes is not known without it: no release begins and none rises, until it can be read. Aborts go on.",
    fix: "Install the App on that repository, in the installation of the same owner; or correct extends, or the operator's CONFIG_REPOSITORY.",
  },
  "config-loosened": {
    area: "Configuration",
    severity: "warning",
    means: "The organisation's value goes instead of the one that is written here.",
    fix: "Write there what is allowed, or take the line out; tidegate config check --extends says the same in a checkout.",
  },
  "services-read": {
    area: "Services",
    severity: "ok",
    means: "Every state file and its manifests are understood and agree with each other on who owns what.",
  },
  "services-absent": {
    area: "Services",
    severity: "warning",
    means: "No service is under Tidegate here; it does nothing.",
    fix: "Put a state file under .tidegate/services (docs/first-service.md).",
  },
  "service-refused": {
    area: "Services",
    severity: "error",
    means: "Nothing of this service moves until it is mended.",
    fix: "Mend the file and line that are named, on the default branch.",
  },
  "service-unfit": {
    area: "Services",
    severity: "error",
    means: "None of its releases begins: traffic for its canary would be dropped, or go to the other arm.",
    fix: "Mend the file and line that are named, on the default branch (docs/before.md).",
  },
  "service-unfollowed": {
    area: "Services",
    severity: "warning",
    means: "A cluster may not follow the branch by itself; releases wait there until it does.",
    fix: "Do what it says on the default branch, or see to it that the cluster follows otherwise (docs/before.md).",
  },
  "service-doubtful": {
    area: "Services",
    severity: "warning",
    means: "Releases begin all the same, and may not do what their plans say.",
    fix: "Settle it on the default branch (docs/before.md).",
  },
  "owned-reviewed": {
    area: "Services",
    severity: "error",
    means:
      "The rules ask for a review by code owners and Tidegate's own files have some: every step waits, an abort too.",
    fix: "In CODEOWNERS, below the lines that match, add a line with the path and no owner.",
  },
  "owned-free": {
    area: "Services",
    severity: "ok",
    means: "No review by code owners stands in the way of what Tidegate writes.",
  },
  "claimed-reviewed": {
    area: "Services",
    severity: "warning",
    means:
      "The rules ask for a review by code owners and a file in which Tidegate sets the canary's replicas has some: the warm-up and the end of a release wait for it. An abort's weight does not.",
    fix: "Accept the waiting, or, in CODEOWNERS, below the lines that match, add a line with the path and no owner.",
  },
  "provider-answers": {
    area: "Metrics",
    severity: "ok",
    means: "The provider answers within its time-out.",
  },
  "provider-refused": {
    area: "Metrics",
    severity: "error",
    means: "The provider is not asked at all; nothing rises without its numbers.",
    fix: "METRICS_HOSTS names the hosts that may be asked, METRICS_… and METRICS_FILES the values of headers and keys; docs/metrics-providers.md says how.",
  },
  "provider-silent": {
    area: "Metrics",
    severity: "error",
    means: "Nothing rises without its numbers; releases wait.",
    fix: "Ask it from this machine with curl, with the same key; then check the address in .github/tidegate.yml, the network between (METRICS_NETWORKS, where it is no public one), and the variable that the key comes from.",
  },
  "samples-fresh": {
    area: "Metrics",
    severity: "ok",
    means: "Requests and pods are counted in the windows that closed last.",
  },
  "requests-uncounted": {
    area: "Metrics",
    severity: "warning",
    means: "No request is counted for the services that were asked about: no release would pass.",
    fix: "Compare metrics.….requests in .github/tidegate.yml (counter, arm, namespace, where) with what the provider has; scrape at least twice in a window.",
  },
  "pods-unknown": {
    area: "Metrics",
    severity: "warning",
    means: "Without kube_pod_container_info and kube_pod_status_ready no change is seen live, and no step passes.",
    fix: "Let the provider scrape kube-state-metrics of the target's cluster.",
  },
} as const satisfies Readonly<Record<string, Entry>>;
