import type { Described } from "./described.ts";

const REPOSITORY = "`owner/name`, of repositories that have services under Tidegate";

/** The metrics of releases and of what people say about them. */
export const RELEASES = {
  members: {
    name: "tidegate_members",
    type: "gauge",
    help: "Services in targets by where they stand; a stage that nobody stands at is absent.",
    labels: {
      repository: REPOSITORY,
      stage: "such as `resting`, `syncing`, `baking`, `measuring`, `held`, `aborting`",
    },
  },
  gates: {
    name: "tidegate_gates",
    type: "gauge",
    help: "Steps under judgement by what the gate says.",
    labels: { repository: REPOSITORY, verdict: "`pass`, `wait`, `fail`" },
  },
  releases: {
    name: "tidegate_releases",
    type: "gauge",
    help: "Releases under way, each target of a service by itself.",
    labels: { repository: REPOSITORY },
  },
  blind: {
    name: "tidegate_blind",
    type: "gauge",
    help: "Services in targets of a release under way whose metrics cannot be read.",
    labels: { repository: REPOSITORY },
  },
  overdue: {
    name: "tidegate_overdue",
    type: "gauge",
    help: "Services in targets whose deadline is over and that wait for a person.",
    labels: { repository: REPOSITORY },
  },
  oldestStep: {
    name: "tidegate_oldest_step_seconds",
    type: "gauge",
    help: "For how long the release under way has not moved that has stood longest; absent where there is none.",
    labels: { repository: REPOSITORY },
  },
  abortsWaiting: {
    name: "tidegate_aborts_waiting",
    type: "gauge",
    help: "Aborts that are decided and not in git: a person or GitHub keeps them.",
    labels: { repository: REPOSITORY },
  },
  seen: {
    name: "tidegate_seen_timestamp_seconds",
    type: "gauge",
    help: "When this process last saw where the services of a repository stand.",
    labels: { repository: REPOSITORY },
  },
  steps: {
    name: "tidegate_steps_total",
    type: "counter",
    help: "Services in targets that a merged step has moved; `promote` gives stable the new version.",
    labels: {
      repository: REPOSITORY,
      step: "`begin`, `warmUp`, `shift`, `promote`, `drain`, `rest`",
      on: "`gate`: a verdict; `person`: an override",
    },
  },
  aborts: {
    name: "tidegate_aborts_total",
    type: "counter",
    help: "Services in targets whose weight was taken to 0.",
    labels: { repository: REPOSITORY, by: "`gate`, `containment`, `person`" },
  },
  landings: {
    name: "tidegate_landings_total",
    type: "counter",
    help: "Services in targets that a commit has moved which was merged at once.",
    labels: { kind: "`abort`, `lower`, `takeBack`, `adopt`, `toZero`, `retry`, `rollback`" },
  },
  commands: {
    name: "tidegate_commands_total",
    type: "counter",
    help: "Commands of people that were answered.",
    labels: { verb: "the command, or `unknown`", outcome: "`done`, `told`, `nothingTo`, `denied`, `mistaken`" },
  },
} as const satisfies Readonly<Record<string, Described>>;
