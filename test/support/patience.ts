/** For what must come about some time, however much else the machine has to do. */
export const PATIENT = { timeout: 20_000 } as const;

/** For tests that start processes, which takes a machine that has much else to do many seconds. */
export const UNHURRIED = { timeout: 120_000 } as const;
