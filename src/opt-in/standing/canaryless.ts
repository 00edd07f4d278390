import type { ServiceTarget } from "../../manifest/services/model.ts";
import type { Refused } from "../model.ts";
import { refused } from "../refused.ts";

/** Of a service without a Canary that is to go by one. */
export function canaryless({ name, workloads, why }: ServiceTarget): Refused {
  const [first] = workloads;
  const { path, line } = first ?? { path: why.files[0] ?? "", line: 1 };
  const found = `no Canary that refers to ${first === undefined ? "a workload of it" : `${first.kind} ${first.name}`}`;
  return refused("controller", name, { path, line, found, why: WHY }, BY_HAND);
}

const WHY =
  "none is put under a Deployment that serves: as a Canary comes, Flagger scales the Deployment to 0 and takes its Service over, and requests are lost (flagger#1202)";
const BY_HAND =
  "write the Canary by hand as docs/flagger.md says, merge it at a quiet time, wait until it is Initialized, then opt in; or choose another template";
