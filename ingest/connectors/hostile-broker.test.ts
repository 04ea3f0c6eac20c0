// Brokers that do what none should: the connection ends, nothing is kept in memory, and nothing throws.
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";
import { afterEach, expect, test } from "vitest";
import { openConnection, type CloseReason, type UpstreamMessage } from "../upstream/mqtt-connection.ts";

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

/** Answers CONNECT and SUBSCRIBE, then sends these bytes. */
async function against(bytes: readonly Buffer[], greets = true) {
  const port = await new Promise<number>((resolve) => {
    const listening = createServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      if (greets) socket.write(Buffer.concat([connack, ...bytes]));
    });
    server = listening.listen(0, "127.0.0.1", () => resolve((listening.address() as AddressInfo).port));
  });
  const taken: UpstreamMessage[] = [];
  const connection = openConnection({
    url: "",
    clientId: "test",
    filters: ["#"],
    limits: {
      receiveMaximum: 0,
      packetBytesMax: 1024,
      sessionExpiryS: 0,
      keepAliveS: 60,
      connectWithinMs: 300,
    },
    legacy: {
      username: "",
      password: undefined,
      qos: 1,
      keepsSession: true,
      open: () => connect({ host: "127.0.0.1", port }),
    },
    admits: () => true,
    take: (message, settle) => {
      taken.push(message);
      settle();
    },
    connected: () => undefined,
    subscribed: () => undefined,
  });
  const reason: CloseReason = await connection.closed;
  return { taken, said: String(reason.error) };
}

const packet = (of: Packet): Buffer => generate(of, { protocolVersion: 4 });
const connack = packet({ cmd: "connack", returnCode: 0, sessionPresent: false });
const publish = (qos: 0 | 1 | 2, payload: string) =>
  packet({ cmd: "publish", topic: "a", payload, qos, messageId: 1, dup: false, retain: false });

test("QoS 2, for which nobody asked, would be kept until a PUBREL that never comes", async () => {
  expect((await against([publish(2, "x")])).said).toContain("QoS 2");
});

test("a packet of any size is cut off at the bound", async () => {
  const { taken, said } = await against([publish(0, "first"), publish(0, "x".repeat(3_000_000))]);
  expect(said).toContain("more than 1024 bytes");
  expect(taken.map(({ payload }) => payload.toString())).toEqual(["first"]);
});

test("what is not MQTT ends the connection", async () => {
  const { taken, said } = await against([Buffer.from("HTTP/1.1 200 OK\r\n\r\n")]);
  expect([taken, said]).toEqual([[], expect.stringContaining("Error")]);
});

test("who answers nothing is given up", async () => {
  expect((await against([], false)).said).toContain("timeout");
});
