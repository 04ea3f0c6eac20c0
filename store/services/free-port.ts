// A TCP port that nobody listens on; the wanted one where it is free.
import { createServer } from "node:net";

/** A free port of 127.0.0.1: `wanted` if it can be had. Another process may take it before it is used: try again then. */
export async function freePort(wanted?: number): Promise<number> {
  const preferred = wanted === undefined ? undefined : await listenOnce(wanted);
  const port = preferred ?? (await listenOnce(0));
  if (port === undefined) throw new Error("the machine has no free port on 127.0.0.1");
  return port;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : undefined));
    });
  });
}
