import type { Result } from "../../core/result.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { respell } from "../span.ts";
import { weightOf } from "./read.ts";
import type { WeightSite } from "./site.ts";

// The Gateway API's own bound; every other kind's is lower.
const MOST = 1_000_000;
const THOUSAND = 1000;

/**
 * The text with a site's weight set, in the quotes and the unit that it has there. The site must still say what it said when it was read.
 * Refused: a weight that is no whole number, except where the unit is a thousandth or the old one was none either.
 */
export function setWeightAt(file: TextFile, site: WeightSite, weight: number): Result<string, Refusal> {
  return attempt(() => {
    const { start, end } = site;
    const found = file.text.slice(start, end);
    const now = weightOf(found);
    if (now?.weight !== site.weight || now.unit !== site.unit) {
      refuse(
        file,
        Math.min(start, file.text.length),
        quote(found),
        `the weight ${site.weight} stood there when the file was read`,
      );
    }
    if (weight === site.weight) return file.text;
    const text = site.unit === "m" ? `${Math.round(weight * THOUSAND)}m` : String(weight);
    if (!(weight >= 0 && weight <= MOST) || weightOf(text)?.weight !== weight || !isAsWhole(site, weight)) {
      refuse(file, start, quote(String(weight)), `a weight is a whole number from 0 to ${MOST}`);
    }
    return respell(file, [{ start, end, text }], "yaml");
  });
}

function isAsWhole({ weight, unit }: WeightSite, next: number): boolean {
  return unit === "m" || Number.isInteger(next) || !Number.isInteger(weight);
}
