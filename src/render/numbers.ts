const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A whole number as people read it: 1,240. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A fraction of 1 as per cent, two digits that matter: 0.5%, 4.8%, 12.3%. Only nothing is 0% and only everything 100%. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value > 0 && value < 0.001) return "<0.001%";
  if (value > 99.9 && value < 100) return ">99.9%";
  return `${trimmed(value >= 10 ? value.toFixed(1) : value.toPrecision(2))}%`;
}

/** A probability as whole per cent, never rounded up: what has not reached a bar must not look as if it had. */
export function chance(probability: number): string {
  if (probability > 0.99 && probability < 1) return ">99%";
  return `${Math.floor(Number((probability * 100).toPrecision(12)))}%`;
}

/** A ratio of error rates: 1.02, 9.6, 120. */
export function ratio(value: number): string {
  if (value > 0 && value < 0.01) return "<0.01";
  if (value >= 100) return whole(value);
  return trimmed(value.toFixed(value < 2 ? 2 : 1));
}

/** An e-value or its threshold, never rounded up. */
export function evidence(e: number): string {
  if (e > 0 && e < 0.01) return "<0.01";
  return e >= 10 ? whole(Math.floor(e)) : trimmed((Math.floor(Number((e * 100).toPrecision(12))) / 100).toFixed(2));
}

/** A length of time, milliseconds, rounded up: 40 s, 3 min, 2.5 h, 4 days. */
export function duration(ms: number): string {
  if (ms < 2 * MINUTE) return ms % MINUTE === 0 && ms > 0 ? `${ms / MINUTE} min` : `${Math.ceil(ms / SECOND)} s`;
  if (ms < 2 * HOUR) return `${Math.ceil(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${trimmed((Math.ceil((ms / HOUR) * 10) / 10).toFixed(1))} h`;
  return `${Math.ceil(ms / DAY)} days`;
}

/** A moment, milliseconds: 10:14 UTC, with seconds where it has any, and with its day where that is not the day of `near`. */
export function utc(moment: number, near: number): string {
  const at = new Date(Math.ceil(moment / SECOND) * SECOND).toISOString();
  const time = at.slice(17, 19) === "00" ? at.slice(11, 16) : at.slice(11, 19);
  const day = at.slice(0, 10) === new Date(near).toISOString().slice(0, 10) ? "" : `${at.slice(0, 10)} `;
  return `${day}${time} UTC`;
}

/** A number of things: 1 window, 2 windows. */
export function count(number: number, thing: string): string {
  return `${whole(number)} ${thing}${number === 1 ? "" : "s"}`;
}

function trimmed(value: string): string {
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}
