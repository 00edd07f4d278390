import type { Entry } from "./entry.ts";

/** Findings about a repository's settings and rules. */
export const RULES_FINDINGS = {
  "repository-archived": {
    area: "Repository",
    severity: "error",
    means: "An archived repository cannot be written; Tidegate leaves it alone.",
    fix: "In the repository's settings, General, Danger zone, unarchive it.",
  },
  "merge-methods": {
    area: "Repository",
    severity: "ok",
    means: "Tidegate merges by squash where it may, else by a merge commit, else by rebase.",
  },
  "branches-deleted": {
    area: "Repository",
    severity: "ok",
    means: "Both ways are fine: Tidegate removes what it leaves behind.",
  },
  "rules-unreviewed": {
    area: "Rules",
    severity: "ok",
    means: "Mode (a): what Tidegate owns needs no review; steps and aborts merge by themselves.",
  },
  "rules-bypassed": {
    area: "Rules",
    severity: "ok",
    means: "Mode (b): the App passes the rules by on pull requests, and Tidegate holds its own gate.",
  },
  "rules-advisory": {
    area: "Rules",
    severity: "warning",
    means: "Mode (c): people approve every step, and an abort waits for them too. Tidegate is advisory here.",
    fix: "If that is not wanted: in the repository's settings, Rules, Rulesets, add the App to the bypass list, For pull requests only.",
  },
  "rules-unclear": {
    area: "Rules",
    severity: "warning",
    means:
      "Reviews are required and GitHub does not say whether the App may pass them by: an abort may wait for people.",
    fix: "In the repository's settings, Rules, Rulesets, look whether the App is on the bypass list, For pull requests only. GitHub shows this to Apps in rulesets only, not in classic protection.",
  },
  "classic-protection": {
    area: "Rules",
    severity: "warning",
    means: "Only administrators may read its content, so reviews and restrictions that it asks for are not known here.",
    fix: "In the repository's settings, Branches, look at the rule yourself; or move it to a ruleset (Rules, Rulesets), which Apps can read.",
  },
  "check-pinned": {
    area: "Rules",
    severity: "ok",
    means: "Only this App can complete it.",
  },
  "check-optional": {
    area: "Rules",
    severity: "ok",
    means: "GitHub lets people merge without it; Tidegate itself merges only what passed.",
  },
  "check-unpinned": {
    area: "Rules",
    severity: "warning",
    means: "Anybody who may write can report a check of that name and so let a step pass.",
    fix: "In the repository's settings, Rules, Rulesets, Require status checks to pass, give this App as the check's source.",
  },
  "check-pinned-elsewhere": {
    area: "Rules",
    severity: "error",
    means: "GitHub waits for another App to report it, which never happens: nothing merges.",
    fix: "In the repository's settings, Rules, Rulesets, Require status checks to pass, remove the check and add it again with this App as its source.",
  },
  "other-checks": {
    area: "Rules",
    severity: "warning",
    means: "An abort waits until they have passed on its own pull request, and so does each step.",
    fix: "In the repository's settings, Rules, Rulesets, add the App to the bypass list, For pull requests only; or keep these checks in a ruleset of their own whose bypass list has the App.",
  },
  "merge-queue": {
    area: "Rules",
    severity: "error",
    means: "Pull requests cannot be merged directly: an abort would stand in the queue, for minutes to hours.",
    fix: "In the repository's settings, Rules, Rulesets, add the App to the bypass list, For pull requests only (mode (b)); people keep the queue.",
  },
  "signatures-kept": {
    area: "Rules",
    severity: "ok",
    means: "What GitHub merges by squash it signs itself.",
  },
  "signatures-of-steps": {
    area: "Rules",
    severity: "warning",
    means: "GitHub signs the merge commit, but may refuse it for the step's own commit, which nobody signed.",
    fix: "In the repository's settings, General, Pull Requests, allow squash merging.",
  },
  "signatures-lost": {
    area: "Rules",
    severity: "error",
    means: "GitHub does not sign what it rebases, so every merge is refused.",
    fix: "In the repository's settings, General, Pull Requests, allow squash merging.",
  },
  "linear-history": {
    area: "Rules",
    severity: "error",
    means: "The branch takes no merge commits and the repository allows nothing else: nothing merges.",
    fix: "In the repository's settings, General, Pull Requests, allow squash merging.",
  },
  "branches-free": {
    area: "Rules",
    severity: "ok",
    means: "Tidegate can make, rebuild and remove its own branches.",
  },
  "branches-locked": {
    area: "Rules",
    severity: "error",
    means:
      "Tidegate cannot make, rebuild or remove its own branches, so it can open no pull request, an abort's neither.",
    fix: "In the ruleset, exclude tidegate/** from the targeted branches, or add the App to the bypass list, Always.",
  },
  "branches-patterned": {
    area: "Rules",
    severity: "warning",
    means: "A push of Tidegate's that does not fit is refused, an abort's too.",
    fix: "In the ruleset, exclude tidegate/** from the targeted branches, or make sure that Tidegate's commits and branch names fit.",
  },
} as const satisfies Readonly<Record<string, Entry>>;
