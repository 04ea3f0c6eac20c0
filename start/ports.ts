// Names the ports that somebody else listens on, before anything starts.
import { createServer } from "node:net";

export type WantedPort = {
  readonly variable: string;
  readonly port: number | undefined;
  readonly host: string;
};

/** One sentence per port that is taken. Port 0 (any free one) and absent ones cannot be. */
export async function takenPorts(wanted: readonly WantedPort[]): Promise<string[]> {
  const sentences: string[] = [];
  for (const { variable, port, host } of wanted) {
    if (port === undefined || port === 0) continue;
    const why = await whyNotFree(port, host);
    if (why !== undefined) {
      sentences.push(
        `${host}:${port} cannot be used (${why}): set ${variable} to another port, or to 0 for any free one.`,
      );
    }
  }
  return sentences;
}

function whyNotFree(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE" ? "another program listens there" : error.message);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
