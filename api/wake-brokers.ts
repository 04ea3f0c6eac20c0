// After every request that changed something about devices, the brokers are told to look: no route has to think of it.
import { createChangeWaker } from "#analytics";
import type { FastifyBaseLogger } from "fastify";
import type { Api } from "./services.ts";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** Once the answer is out, so after the commit. Too often costs the brokers a look; too seldom, a second of time. */
export function wakeBrokers(app: Api, redisUrl: string | undefined, log: FastifyBaseLogger): void {
  const waker = createChangeWaker(redisUrl, log);
  app.addHook("onResponse", async (request, reply) => {
    const { url } = request.routeOptions;
    if (reply.statusCode < 400 && !READING.has(request.method) && url?.includes("/devices")) waker.notify();
  });
  app.addHook("onClose", async () => waker.close());
}
