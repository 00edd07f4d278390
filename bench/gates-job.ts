import { playErrors, playPlacebo, type Blocked, type ErrorJob, type PlaceboJob } from "./gates-errors.ts";
import { playGauge, playSeasonal, type GaugeCount, type GaugeJob, type SeasonalJob } from "./gates-gauges.ts";
import { playLatency, type LatencyEnds, type LatencyJob } from "./gates-latency.ts";
import {
  playClimb,
  playEta,
  playProof,
  type ClimbJob,
  type End,
  type EtaJob,
  type ProofJob,
  type Times,
} from "./gates-pass.ts";
import { playTogether, type Hour, type TogetherJob } from "./gates-together.ts";
import { unreachable } from "../src/core/unreachable.ts";

/** A stretch of simulated rollouts that one thread plays. */
export type Job =
  | ErrorJob
  | PlaceboJob
  | ProofJob
  | ClimbJob
  | EtaJob
  | LatencyJob
  | GaugeJob
  | SeasonalJob
  | TogetherJob;

/** A job and what came of it. */
export type Played =
  | { readonly job: ErrorJob; readonly blocked: Blocked }
  | { readonly job: PlaceboJob; readonly hits: number }
  | { readonly job: ProofJob; readonly hits: number }
  | { readonly job: SeasonalJob; readonly hits: number }
  | { readonly job: ClimbJob; readonly ends: readonly End[] }
  | ({ readonly job: EtaJob } & Times)
  | { readonly job: LatencyJob; readonly latency: LatencyEnds }
  | { readonly job: GaugeJob; readonly gauge: GaugeCount }
  | { readonly job: TogetherJob; readonly hours: readonly Hour[] };

/** Plays a job. The same job has the same outcome in any thread. */
export function play(job: Job): Played {
  switch (job.kind) {
    case "errors":
      return { job, blocked: playErrors(job) };
    case "placebo":
      return { job, hits: playPlacebo(job) };
    case "proof":
      return { job, hits: playProof(job) };
    case "climb":
      return { job, ends: playClimb(job) };
    case "eta":
      return { job, ...playEta(job) };
    case "latency":
      return { job, latency: playLatency(job) };
    case "gauge":
      return { job, gauge: playGauge(job) };
    case "seasonal":
      return { job, hits: playSeasonal(job) };
    case "together":
      return { job, hours: playTogether(job) };
    default:
      return unreachable(job);
  }
}
