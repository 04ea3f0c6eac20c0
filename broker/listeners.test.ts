// A listener that cannot accept a connection says so, and goes on listening.
import { once } from "node:events";
import { connect, type Server, type Socket } from "node:net";
import type { Connection } from "aedes";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "./limits.ts";
import { openListeners } from "./listeners.ts";

/** A socket knows the server that accepted it; its types do not. */
function serverOf(connection: Connection): Server {
  return (connection as unknown as { server: Server }).server;
}

test("an error of accepting is logged, and the next connection is accepted", async () => {
  const errors: object[] = [];
  const attached: Connection[] = [];
  const { mqtt } = await openListeners(
    { MQTT_HOST: "127.0.0.1", MQTT_PORT: 0 },
    DEFAULT_LIMITS,
    { error: (fields: object) => void errors.push(fields) },
    (connection) => void attached.push(connection),
  );
  const sockets: Socket[] = [];
  const knock = async (): Promise<void> => {
    const socket = connect(Number(new URL(mqtt.url).port), "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
    while (attached.length < sockets.length) await new Promise(setImmediate);
  };
  await knock();
  const [first] = attached;
  if (first === undefined) throw new Error("nothing was accepted");
  const full = Object.assign(new Error("accept EMFILE"), { code: "EMFILE", syscall: "accept" });
  serverOf(first).emit("error", full);
  expect(errors).toEqual([{ err: full, scheme: "mqtt" }]);
  await knock();
  for (const socket of [...sockets, ...attached]) socket.destroy();
  await mqtt.close();
});
