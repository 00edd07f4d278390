const UNITS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds of a duration as Go writes it (`90s`, `1h30m`, `1.5h`, `-5s`, `0`); undefined where it is none. */
export function goDuration(text: string): number | undefined {
  const [, sign, rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== rest) return undefined;
  const ms = parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * (UNITS.get(unit ?? "") ?? 0), 0);
  return sign === "-" ? -ms : ms;
}
