// A device over a raw socket: known messages at QoS 1 until each is acknowledged, through cuts, losses and silence of the broker.
import { connect as openSocket, type Socket } from "node:net";
import { generate, parser, type Packet } from "mqtt-packet";
import type { Random } from "../world/random.ts";
import { MESSAGES_MAX, TOPIC, type Story } from "./known-messages.ts";
import type { Manners } from "./schedule.ts";

export type DeviceAccess = { readonly id: string; readonly secret: string };

export type DeviceCounts = {
  sent: number;
  /** PUBLISH packets written again with DUP. */
  redelivered: number;
  repeated: number;
  cuts: number;
  connections: number;
};

export type FaultyDevice = {
  readonly id: string;
  readonly story: Story;
  /** Messages published with QoS 1, and those of them that the broker acknowledged. */
  readonly published: ReadonlySet<number>;
  readonly acknowledged: ReadonlySet<number>;
  /** How often message n was written, whole or in part: it may not be stored more often than that. */
  readonly writes: ReadonlyMap<number, number>;
  /** Messages that left with QoS 0: each may be there, once. */
  readonly unacknowledged: ReadonlySet<number>;
  /** Payloads that it heard. */
  readonly heard: readonly string[];
  readonly counts: Readonly<DeviceCounts>;
  /** False once its story is told to the end. */
  readonly hasMore: () => boolean;
  /** Begins nothing new. */
  readonly stopTelling: () => void;
  /** Nothing published waits for its acknowledgement. */
  readonly settled: () => boolean;
  /** What it waits for, in words. */
  readonly state: () => string;
  readonly close: () => void;
};

export type FaultyDeviceOptions = {
  readonly access: DeviceAccess;
  readonly story: Story;
  readonly manners: Manners;
  readonly random: Random;
  /** Where to connect, asked anew each time. */
  readonly port: () => number;
};

const IN_FLIGHT_MAX = 20;
const TELL_EVERY_MS = 5;
/** Without an answer for that long it gives the connection up. */
const PATIENCE_MS = 3000;
const RECONNECT_MIN_MS = 50;
const RECONNECT_SPREAD_MS = 150;
const SLOW_MS = 300;
const WAITING_SHOWN_MAX = 10;

type InFlight = { readonly n: number; readonly packetId: number; wasWritten: boolean };

export function createFaultyDevice(options: FaultyDeviceOptions): FaultyDevice {
  const device = new Device(options);
  device.connect();
  return device;
}

class Device implements FaultyDevice {
  readonly id: string;
  readonly story: Story;
  readonly published = new Set<number>();
  readonly acknowledged = new Set<number>();
  readonly writes = new Map<number, number>();
  readonly unacknowledged = new Set<number>();
  readonly heard: string[] = [];
  readonly counts: DeviceCounts = { sent: 0, redelivered: 0, repeated: 0, cuts: 0, connections: 0 };
  readonly #options: FaultyDeviceOptions;
  /** By packet id, in the order in which they were first published [MQTT-4.6.0-1]. */
  readonly #inFlight = new Map<number, InFlight>();
  readonly #ticker: NodeJS.Timeout;
  #socket: Socket | undefined;
  #isOpen = false;
  #returnCode: number | undefined;
  #answeredAtMs = 0;
  #reconnect: NodeJS.Timeout | undefined;
  #nth = 0;
  #packetId = 0;
  #telling = true;
  #closed = false;

  constructor(options: FaultyDeviceOptions) {
    this.#options = options;
    this.id = options.access.id;
    this.story = options.story;
    this.#ticker = setInterval(() => this.#tick(), TELL_EVERY_MS);
  }

  hasMore(): boolean {
    return this.#nth < MESSAGES_MAX;
  }

  stopTelling(): void {
    this.#telling = false;
  }

  settled(): boolean {
    return !this.#telling && this.#inFlight.size === 0;
  }

  state(): string {
    const connection = this.#isOpen
      ? "connected"
      : `not connected (last answer to CONNECT: ${this.#returnCode})`;
    const silentMs = Math.round(performance.now() - this.#answeredAtMs);
    const waiting = [...this.#inFlight.values()].map(({ n }) => n).slice(0, WAITING_SHOWN_MAX);
    return `${connection}, no answer for ${silentMs} ms, ${this.#inFlight.size} in flight: ${waiting.join(", ")}`;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#reconnect);
    this.#socket?.destroy();
  }

  connect(): void {
    if (this.#closed) return;
    const { access, port } = this.#options;
    const socket = openSocket(port(), "127.0.0.1");
    this.#socket = socket;
    this.#answeredAtMs = performance.now();
    const incoming = parser({ protocolVersion: 4 });
    incoming.on("packet", (packet) => this.#answered(packet));
    incoming.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => incoming.parse(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#lost(socket));
    socket.write(
      generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        keepalive: 60,
        clientId: "meter",
        username: access.id,
        password: Buffer.from(access.secret),
      }),
    );
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#isOpen = false;
    if (this.#closed) return;
    const waitMs = RECONNECT_MIN_MS + this.#options.random.below(RECONNECT_SPREAD_MS);
    this.#reconnect = setTimeout(() => this.connect(), waitMs);
  }

  #answered(packet: Packet): void {
    this.#answeredAtMs = performance.now();
    if (packet.cmd === "connack") this.#opened(packet.returnCode ?? 0);
    else if (packet.cmd === "publish") this.heard.push(packet.payload.toString());
    else if (packet.cmd === "puback") {
      const flight = this.#inFlight.get(packet.messageId ?? 0);
      if (flight === undefined) return;
      this.#inFlight.delete(flight.packetId);
      this.acknowledged.add(flight.n);
    }
  }

  #opened(returnCode: number): void {
    this.#returnCode = returnCode;
    if (returnCode !== 0) {
      this.#socket?.destroy();
      return;
    }
    this.#isOpen = true;
    this.counts.connections += 1;
    if (this.#options.manners.listens) {
      const subscriptions = [{ topic: "#", qos: 0 as const }];
      this.#socket?.write(generate({ cmd: "subscribe", messageId: 65_535, subscriptions }));
    }
    for (const flight of this.#inFlight.values()) {
      if (flight.wasWritten) this.counts.redelivered += 1;
      this.#write(flight, 0);
    }
  }

  #tick(): void {
    const silentMs = performance.now() - this.#answeredAtMs;
    const waits = !this.#isOpen || this.#inFlight.size > 0;
    if (waits && silentMs > PATIENCE_MS) this.#socket?.destroy();
    if (!this.#isOpen || !this.#telling || this.#inFlight.size >= IN_FLIGHT_MAX) return;
    if (!this.hasMore()) return;
    const { random, manners } = this.#options;
    if (random.next() < manners.repeat && this.acknowledged.size > 0) {
      this.counts.repeated += 1;
      this.#publish(this.story.orderOf(random.below(this.#nth)));
    } else {
      const n = this.story.orderOf(this.#nth++);
      if (n > 0 && random.next() < manners.unacknowledged) this.#tell(n);
      else this.#publish(n);
    }
  }

  /** QoS 0: it is gone whatever happens. */
  #tell(n: number): void {
    this.unacknowledged.add(n);
    this.#countWrite(n);
    this.#socket?.write(
      generate({
        cmd: "publish",
        topic: TOPIC,
        payload: this.#payload(n),
        qos: 0,
        dup: false,
        retain: false,
      }),
    );
  }

  #publish(n: number): void {
    do this.#packetId = (this.#packetId % 60_000) + 1;
    while (this.#inFlight.has(this.#packetId));
    const flight = { n, packetId: this.#packetId, wasWritten: false };
    this.published.add(n);
    this.#inFlight.set(flight.packetId, flight);
    if (this.#inFlight.size === 1) this.#answeredAtMs = performance.now();
    this.#write(flight);
  }

  #write(flight: InFlight, slow = this.#options.manners.slow): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#isOpen) return;
    const { manners, random } = this.#options;
    const bytes = generate({
      cmd: "publish",
      topic: TOPIC,
      payload: this.#payload(flight.n),
      qos: 1,
      // Only what may have arrived is a redelivery [MQTT-3.3.1-1].
      dup: flight.wasWritten,
      retain: false,
      messageId: flight.packetId,
    });
    if (random.next() < manners.cut) {
      this.counts.cuts += 1;
      this.#isOpen = false;
      socket.write(bytes.subarray(0, 1 + random.below(bytes.length - 1)), () => socket.destroy());
      return;
    }
    flight.wasWritten = true;
    this.counts.sent += 1;
    this.#countWrite(flight.n);
    if (random.next() < slow) this.#writeSlowly(socket, bytes);
    else socket.write(bytes);
  }

  /** Without Nagle's algorithm the halves travel apart; meanwhile it reads nothing, so acknowledgements pile up. */
  #writeSlowly(socket: Socket, bytes: Buffer): void {
    const middle = Math.floor(bytes.length / 2);
    this.#isOpen = false;
    socket.setNoDelay(true).pause();
    socket.write(bytes.subarray(0, middle));
    setTimeout(() => {
      socket.write(bytes.subarray(middle));
      socket.resume();
      this.#isOpen = this.#socket === socket;
    }, SLOW_MS);
  }

  #countWrite(n: number): void {
    this.writes.set(n, (this.writes.get(n) ?? 0) + 1);
  }

  #payload(n: number): string {
    return this.story.messageOf(n).payload;
  }
}
