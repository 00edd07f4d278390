import { unsupported } from "./trouble.ts";

/**
 * The power as Go's math.Pow gives it, to the last bit. Whole exponents and ±0.5 only: for others Go's exponential and logarithm
 * would be needed bit by bit, so they are refused.
 */
export function power(base: number, exponent: number): number {
  const easy = special(base, exponent);
  if (easy !== undefined) return easy;
  if (exponent === 0.5) return Math.sqrt(base);
  if (exponent === -0.5) return 1 / Math.sqrt(base);
  if (!Number.isInteger(exponent))
    return unsupported(`** with the exponent ${exponent} is not supported, only whole ones and 0.5`);
  return repeated(base, exponent);
}

function special(base: number, exponent: number): number | undefined {
  if (exponent === 0 || base === 1) return 1;
  if (exponent === 1) return base;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  return atTheEdge(base, exponent);
}

function atTheEdge(base: number, exponent: number): number | undefined {
  // Where a zero or an infinity takes part, JavaScript says what IEEE 754 says, but for ±1 to an infinite power.
  if (Math.abs(base) === 1 && !Number.isFinite(exponent)) return 1;
  if (base === 0 || !Number.isFinite(base) || !Number.isFinite(exponent)) return base ** exponent;
  return base < 0 && !Number.isInteger(exponent) && Math.abs(exponent) !== 0.5 ? Number.NaN : undefined;
}

/** Squares a mantissa in [0.5, 1) and keeps its exponent apart, so that nothing overflows on the way. */
function repeated(base: number, exponent: number): number {
  const size = Math.abs(exponent);
  if (size >= 2 ** 63) return vast(base, exponent);
  let [mantissa, scale] = parts(base);
  let [product, shift] = [1, 0];
  for (let rest = BigInt(size); rest !== 0n; rest >>= 1n) {
    if (scale < -4096 || scale > 4096) {
      shift += scale;
      break;
    }
    if (rest % 2n === 1n) {
      product *= mantissa;
      shift += scale;
    }
    mantissa *= mantissa;
    scale *= 2;
    if (Math.abs(mantissa) < 0.5) {
      mantissa += mantissa;
      scale -= 1;
    }
  }
  return exponent < 0 ? scaled(1 / product, -shift) : scaled(product, shift);
}

function vast(base: number, exponent: number): number {
  const isSmall = Math.abs(base) < 1 === exponent > 0;
  return isSmall ? 0 : Number.POSITIVE_INFINITY;
}

/** The mantissa in [0.5, 1), with the sign, and the power of two. */
function parts(value: number): [mantissa: number, scale: number] {
  const isTiny = Math.abs(value) < 2 ** -1022;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, isTiny ? value * 2 ** 52 : value);
  const high = view.getUint16(0);
  const scale = ((high >> 4) & 0x7_ff) - 1022 - (isTiny ? 52 : 0);
  view.setUint16(0, (high & 0x80_0f) | (1022 << 4));
  return [view.getFloat64(0), scale];
}

/** value × 2^scale, rounded once. */
function scaled(value: number, scale: number): number {
  const [mantissa, own] = parts(value);
  const total = own + scale;
  if (total > 1024) return value < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (total < -1075) return value < 0 ? -0 : 0;
  const half = Math.trunc(total / 2);
  if (total >= -1021) return mantissa * 2 ** half * 2 ** (total - half);
  return mantissa * 2 ** (total + 53) * 2 ** -53;
}
