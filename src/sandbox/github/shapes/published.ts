import type { RestEndpointMethodTypes } from "@octokit/rest";

/** What GitHub's published description says that an operation answers; the compiler holds our answers to it. */
export type Published<
  Group extends keyof RestEndpointMethodTypes,
  Operation extends keyof RestEndpointMethodTypes[Group],
> = RestEndpointMethodTypes[Group][Operation] extends { response: { data: infer Data } } ? Data : never;
