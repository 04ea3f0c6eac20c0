// A broker that does what a test tells it, packet by packet, and writes down what it was sent.
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { generate, parser, type IConnectPacket, type IPublishPacket, type Packet } from "mqtt-packet";
import { until } from "#testing";

const VERSION = { protocolVersion: 5 };

/** One connection as the broker sees it. */
export class BrokerSide {
  readonly socket: Socket;
  readonly received: Packet[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    const packets = parser(VERSION);
    packets.on("packet", (packet) => this.received.push(packet));
    socket.on("data", (chunk) => packets.parse(chunk as Buffer));
    socket.on("error", () => undefined);
  }

  send(...packets: Packet[]): void {
    this.socket.write(Buffer.concat(packets.map(encode)));
  }

  /** Waits for the CONNECT and the SUBSCRIBE and grants both. */
  async greet(over: { sessionPresent?: boolean; granted?: number } = {}): Promise<IConnectPacket> {
    await until(() => this.of("connect").length > 0, "it connects");
    this.send({ cmd: "connack", reasonCode: 0, sessionPresent: over.sessionPresent ?? false });
    await until(() => this.of("subscribe").length > 0, "it subscribes");
    const [[connect], [subscribe]] = [this.of("connect"), this.of("subscribe")];
    if (connect === undefined || subscribe === undefined) throw new Error("no CONNECT or SUBSCRIBE");
    this.send({ cmd: "suback", messageId: subscribe.messageId ?? 0, granted: [over.granted ?? 1] });
    return connect;
  }

  of<Command extends Packet["cmd"]>(cmd: Command): Extract<Packet, { cmd: Command }>[] {
    return this.received.filter((packet): packet is Extract<Packet, { cmd: Command }> => packet.cmd === cmd);
  }

  /** The identifiers in the PUBACKs, in the order in which they came. */
  acknowledged(): (number | undefined)[] {
    return this.of("puback").map(({ messageId }) => messageId);
  }
}

export type TestBroker = {
  readonly url: string;
  /** The next connection. */
  readonly accept: () => Promise<BrokerSide>;
  readonly close: () => void;
};

export async function openTestBroker(): Promise<TestBroker> {
  const waiting: BrokerSide[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    waiting.push(new BrokerSide(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://someone:a%3Asecret@127.0.0.1:${port}`,
    accept: async () => {
      await until(() => waiting.length > 0, "somebody connects");
      const side = waiting.shift();
      if (side === undefined) throw new Error("nobody connected");
      return side;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export function publish(messageId: number, over: Partial<IPublishPacket> = {}): IPublishPacket {
  return {
    cmd: "publish",
    topic: "d/1/meter",
    payload: Buffer.from(`message ${messageId}`),
    qos: 1,
    dup: false,
    retain: false,
    messageId,
    ...over,
  };
}

function encode(packet: Packet): Buffer {
  const bytes = generate(packet, VERSION);
  return typeof bytes === "string" ? Buffer.from(bytes) : bytes;
}
