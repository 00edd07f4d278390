import type { NewCheck } from "../ports/forge.ts";
import type { Check } from "../render/check.ts";
import type { Hands } from "./hands.ts";

/** A check with its pictures where each has an address; without one, its text says all that they show. */
export function pictured({ pictures, ...check }: Check, chartAt: Hands["chartAt"]): NewCheck {
  const images = pictures.flatMap(({ chart, alt, caption }) => {
    const url = chartAt?.(chart);
    return url === undefined ? [] : [{ url, alt, caption }];
  });
  return { ...check, images };
}
