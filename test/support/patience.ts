/** For what must come about some time, however much else the machine has to do. */
export const PATIENT = { timeout: 20_000 } as const;
