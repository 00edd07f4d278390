import type { GaugePolicy } from "../../src/core/gauge-memory.ts";
import type { Window, WindowGauge } from "../../src/core/window.ts";

/** A gauge of which nothing is known of identical releases. */
export const CPU: GaugePolicy = {
  name: "cpu",
  query: 'avg(rate(container_cpu_usage_seconds_total{pod=~"{pods}"}[2m]))',
  worse: "higher",
  regression: 1.25,
  part: 1,
  calibration: undefined,
};

/** The same, of which it is known that identical releases drift up to 0.5, every second of them above 0.1. */
export const KNOWN: GaugePolicy = { ...CPU, calibration: { threshold: 0.5, usual: 0.1, low: -0.1 } };

/** Windows with a gauge whose canary has so many times stable's value. */
export function gauged(windows: readonly Window[], times: number, name = "cpu"): readonly Window[] {
  return withGauge(windows, () => ({ kind: "read", canary: 0.2 * times, stable: 0.2 }), name);
}

/** Windows with what is told of a gauge in each; others that they have are kept. */
export function withGauge(
  windows: readonly Window[],
  told: (index: number) => WindowGauge,
  name = "cpu",
): readonly Window[] {
  return windows.map((window, index) => ({ ...window, gauges: { ...window.gauges, [name]: told(index) } }));
}
