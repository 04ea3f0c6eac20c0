// The load of the publish benchmarks as a process of its own: many MQTT clients on raw sockets.
//
// It knows only what it needs: CONNECT through mqtt-packet, PUBLISH from a template in which the packet id and the time are
// patched, PUBACK by its four bytes. So the generator is not what is measured.
import { connect, type Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";
import { templateOf, type Template } from "./publish-template.ts";

/** How a load is given: by windows, as fast as it is answered; or by the clock, whether it is answered or not. */
export type Pace =
  | {
      /** Unacknowledged publishes that each client keeps in flight. */
      readonly window: number;
      /** A client stops after so many; without it, when the measured time is over. */
      readonly count?: number;
    }
  | {
      /** Of all clients of this process together, one after the other. */
      readonly messagesPerS: number;
    };

export type PublisherTask = {
  readonly host: string;
  readonly port: number;
  readonly clients: readonly {
    readonly username: string;
    readonly password: string;
    readonly clientId: string;
    readonly topic?: string;
  }[];
  readonly pace: Pace;
  /** Values of a message, each a register of its own. */
  readonly records: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The first instant that a client sends; every client's are distinct, a tenth of a second apart. */
  readonly fromMs: number;
};

export type PublisherResult = {
  /** Acknowledged within the measured time. */
  readonly acknowledged: number;
  readonly measuredMs: number;
  /** Milliseconds of CPU that this process used meanwhile. */
  readonly cpuMs: number;
  /** Of messages that were due within the measured time, from when they were due: ascending, a bounded sample. */
  readonly latenciesMs: readonly number[];
};

const PACKET_IDS = 0xffff;
const PUBACK = 0x40;
const CONNACK = 0x20;
const STEP_MS = 100;
const CONNECTING_AT_ONCE = 16;
const TICK_MS = 2;
const LATENCIES_MAX = 100_000;

class BenchClient {
  readonly #socket: Socket;
  readonly #ready: () => void;
  readonly #template: Template;
  readonly #latency: (ms: number) => void;
  readonly #replenish: boolean;
  /** When those that are unanswered were due, in order. */
  #dueMs: number[] = [];
  #packetId = 0;
  #timeMs: number;
  #left: number;
  #rest: Buffer = Buffer.alloc(0);
  #known = false;
  acknowledged = 0;

  constructor(task: PublisherTask, index: number, ready: () => void, latency: (ms: number) => void) {
    const client = task.clients[index];
    if (client === undefined) throw new RangeError(`no client ${index}`);
    this.#ready = ready;
    this.#latency = latency;
    this.#timeMs = task.fromMs;
    this.#template = templateOf(task.records, client.topic);
    this.#replenish = "window" in task.pace;
    this.#left = ("window" in task.pace ? task.pace.count : undefined) ?? Number.POSITIVE_INFINITY;
    this.#socket = connect({ host: task.host, port: task.port, noDelay: true });
    this.#socket.on("data", (chunk) => this.#read(chunk as Buffer));
    this.#socket.on("error", (error) => fail(`client ${index}: ${error.message}`));
    this.#socket.once("connect", () =>
      this.#socket.write(
        encode({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: true,
          keepalive: 0,
          clientId: client.clientId,
          username: client.username,
          password: Buffer.from(client.password),
        }),
      ),
    );
  }

  /** Everything that it was to send is acknowledged. */
  get isDone(): boolean {
    return this.#left === 0 && this.#dueMs.length === 0;
  }

  /** Writes `count` publishes at once, as one chunk. */
  publish(wanted: number, dueMs: number): void {
    const count = Math.min(wanted, this.#left);
    if (count === 0) return;
    this.#left -= count;
    const size = this.#template.packet.length;
    const chunk = Buffer.allocUnsafe(size * count);
    for (let i = 0; i < count; i++) {
      this.#packetId = (this.#packetId % PACKET_IDS) + 1;
      this.#timeMs += STEP_MS;
      this.#template.patch(this.#packetId, this.#timeMs);
      this.#template.packet.copy(chunk, i * size);
      this.#dueMs.push(dueMs);
    }
    this.#socket.write(chunk);
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const nowMs = performance.now();
    let at = 0;
    let answered = 0;
    // CONNACK and PUBACK both have four bytes, and nothing else is ever sent to this client.
    for (; at + 4 <= bytes.length; at += 4) {
      if (bytes[at] === PUBACK) answered++;
      // The first publish makes the broker know the device and its registers; the load begins when all are known.
      else if (bytes[at] === CONNACK && bytes[at + 3] === 0) this.publish(1, nowMs);
      else fail(`unexpected packet ${bytes.subarray(at, at + 4).toString("hex")}`);
    }
    this.#rest = bytes.subarray(at);
    if (answered === 0) return;
    this.acknowledged += answered;
    for (const dueMs of this.#dueMs.splice(0, answered)) this.#latency(nowMs - dueMs);
    if (!this.#known) {
      this.#known = true;
      this.#ready();
    } else if (this.#replenish) this.publish(answered, nowMs);
  }
}

function encode(packet: Packet): Buffer {
  const bytes = generate(packet);
  return typeof bytes === "string" ? Buffer.from(bytes) : bytes;
}

function fail(message: string): never {
  process.stderr.write(`publisher: ${message}\n`);
  process.exit(1);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends by the clock: what is due is sent, however late the answers are. */
function sendByClock(clients: readonly BenchClient[], messagesPerS: number): () => void {
  const startedMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * messagesPerS);
    for (; sent < due; sent++) {
      clients[sent % clients.length]?.publish(1, startedMs + (sent / messagesPerS) * 1000);
    }
  }, TICK_MS);
  return () => clearInterval(timer);
}

async function run(task: PublisherTask): Promise<PublisherResult> {
  let latencies: number[] = [];
  let measuring = false;
  let every = 1;
  let seen = 0;
  // Of a long run every second is kept, then every fourth…: the sample covers all of it.
  const latency = (ms: number): void => {
    if (!measuring || seen++ % every !== 0) return;
    latencies.push(ms);
    if (latencies.length < LATENCIES_MAX) return;
    latencies = latencies.filter((_ms, index) => index % 2 === 0);
    every *= 2;
  };
  const clients: BenchClient[] = [];
  const connectAll = async (): Promise<void> => {
    while (clients.length < task.clients.length) {
      await new Promise<void>((ready) => clients.push(new BenchClient(task, clients.length, ready, latency)));
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectAll));
  const total = (): number => clients.reduce((sum, client) => sum + client.acknowledged, 0);
  const { pace } = task;
  const begin = (): (() => void) => {
    if ("messagesPerS" in pace) return sendByClock(clients, pace.messagesPerS);
    for (const client of clients) client.publish(pace.window, performance.now());
    return () => undefined;
  };
  const counted = "window" in pace && pace.count !== undefined;
  const stop = counted ? undefined : begin();
  await sleep(task.warmUpMs);
  measuring = true;
  const [startedMs, cpu, before] = [performance.now(), process.cpuUsage(), total()];
  if (counted) {
    begin();
    while (!clients.every((client) => client.isDone)) await sleep(TICK_MS);
  } else await sleep(task.measureMs);
  const measuredMs = performance.now() - startedMs;
  const acknowledged = total() - before;
  measuring = false;
  const { user, system } = process.cpuUsage(cpu);
  stop?.();
  for (const client of clients) client.end();
  latencies.sort((a, b) => a - b);
  return { acknowledged, measuredMs, cpuMs: (user + system) / 1000, latenciesMs: latencies };
}

process.once("message", (task) => {
  void run(task as PublisherTask).then((result) => process.send?.(result, () => process.exit(0)));
});
