// Somebody with a credential of his own who tries another's: what he hears, and whether he gets in.
import { connect as openSocket, type Socket } from "node:net";
import { generate, parser, type Packet } from "mqtt-packet";
import type { DeviceAccess } from "./faulty-device.ts";

export type Stranger = {
  /** What he got that he should not have: topics and payloads of others, connections in another's name. */
  readonly breaches: readonly string[];
  /** Attempts made, of every kind. */
  readonly attempts: () => number;
  readonly close: () => void;
};

export type StrangerOptions = {
  readonly own: DeviceAccess;
  readonly victims: readonly DeviceAccess[];
  readonly port: () => number;
  /** An instant of the victims' readings: a forged reading there would be seen. */
  readonly atMs: number;
  /** He fails from another address than the devices use: failures delay whoever comes from there. */
  readonly address: string;
};

const AGAIN_AFTER_MS = 400;
/** Fewer failures than delay an address. */
const IMPERSONATIONS_MAX = 3;
const FORGED_VALUE = 987_654;

export function createStranger(options: StrangerOptions): Stranger {
  const breaches: string[] = [];
  const sockets = new Set<Socket>();
  let attempts = 0;
  const open = (connection: { username: string; secret: string; address: string }, on: PacketHandler) => {
    attempts += 1;
    const socket = openSocket({ port: options.port(), host: "127.0.0.1", localAddress: connection.address });
    sockets.add(socket);
    const incoming = parser({ protocolVersion: 4 });
    incoming.on("packet", (packet) => on(packet, socket));
    incoming.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => incoming.parse(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.write(connectPacket(connection.username, connection.secret));
  };
  const victimOf = (nth: number) => options.victims[nth % options.victims.length] ?? options.own;

  const forged = JSON.stringify([{ n: "import", u: "kWh", v: FORGED_VALUE, t: options.atMs / 1000 }]);
  const listen = (nth: number) => {
    const victim = victimOf(nth);
    const topics = [`d/${victim.id}/#`, "d/#", "#", "+/+/+", "$SYS/#", `../${victim.id}/#`];
    const { id, secret } = options.own;
    open({ username: id, secret, address: "127.0.0.1" }, (packet, socket) => {
      // What he publishes ends in his own mount, whatever he calls it: there he may hear it.
      if (packet.cmd === "publish" && packet.payload.toString() !== forged) {
        breaches.push(`heard ${packet.topic}: ${packet.payload.toString()}`);
      }
      if (packet.cmd !== "connack" || packet.returnCode !== 0) return;
      // One of them is enough to be closed for, so each connection tries another.
      const topic = topics[nth % topics.length] ?? "#";
      socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] }));
      socket.write(
        generate({
          cmd: "publish",
          topic: `d/${victim.id}/telegram`,
          payload: forged,
          qos: 1,
          messageId: 2,
          dup: false,
          retain: false,
        }),
      );
    });
  };
  const impersonate = (nth: number) => {
    const { id } = victimOf(nth);
    const secret = nth % 2 === 0 ? options.own.secret : "";
    open({ username: id, secret, address: options.address }, (packet, socket) => {
      if (packet.cmd === "connack" && packet.returnCode === 0) breaches.push(`connected as device ${id}`);
      socket.destroy();
    });
  };

  let nth = 0;
  const again = () => {
    listen(nth);
    if (nth < IMPERSONATIONS_MAX) impersonate(nth);
    nth += 1;
  };
  again();
  const timer = setInterval(again, AGAIN_AFTER_MS);
  return {
    breaches,
    attempts: () => attempts,
    close: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

type PacketHandler = (packet: Packet, socket: Socket) => void;

function connectPacket(username: string, secret: string): Buffer {
  return generate({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: "meter",
    username,
    password: Buffer.from(secret),
  });
}
