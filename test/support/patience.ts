/** For what must come about some time, however much else the machine has to do. */
export const PATIENT = { timeout: 100_000 } as const;

/** For tests that start processes, which takes a machine that has much else to do many seconds. */
export const UNHURRIED = { timeout: 600_000 } as const;
