import { z } from "zod";
import { send } from "./ingress-load.ts";

/** A process that sends one load, which its parent gives it, and tells what came back. */
const Order = z.object({
  port: z.number(),
  secret: z.string(),
  seconds: z.number(),
  rate: z.number().optional(),
  connections: z.number(),
  webhooks: z.array(z.object({ event: z.string(), body: z.string() })),
});

process.on("message", (order) => {
  void send(Order.parse(order)).then((answered) => process.send?.(answered));
});
process.once("disconnect", () => process.exit());
