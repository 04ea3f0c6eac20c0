// The load of the publish benchmark as a process of its own: many MQTT clients on raw sockets, each with a window.
//
// It knows only what it needs: CONNECT and PINGREQ through mqtt-packet, PUBLISH from a template in which the packet id
// and the time are patched, PUBACK by its four bytes. So the generator is not what is measured.
import { connect, type Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";

export type PublisherTask = {
  readonly host: string;
  readonly port: number;
  readonly clients: readonly {
    readonly username: string;
    readonly password: string;
    readonly clientId: string;
  }[];
  /** Unacknowledged publishes that each client keeps in flight. */
  readonly window: number;
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
};

const PACKET_IDS = 0xffff;
const PUBACK = 0x40;
const CONNACK = 0x20;
const TIME_DIGITS = 14;
const STEP_MS = 100;
const CONNECTING_AT_ONCE = 16;

/** A SenML record of one value; its time is patched in as seconds with three digits after the point. */
const TEMPLATE = `[{"n":"power","u":"W","v":230.5,"t":${"0".repeat(TIME_DIGITS)}}]`;

class BenchClient {
  readonly #socket: Socket;
  readonly #window: number;
  readonly #ready: () => void;
  readonly #packet: Buffer;
  readonly #timeAt: number;
  #packetId = 0;
  #timeMs: number;
  #rest: Buffer = Buffer.alloc(0);
  acknowledged = 0;
  #started = false;

  constructor(task: PublisherTask, index: number, ready: () => void) {
    const client = task.clients[index];
    if (client === undefined) throw new RangeError(`no client ${index}`);
    this.#window = task.window;
    this.#ready = ready;
    this.#timeMs = task.fromMs;
    const payload = Buffer.from(TEMPLATE);
    this.#packet = encode({
      cmd: "publish",
      topic: "bench",
      payload,
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
    this.#timeAt = this.#packet.length - 2 - TIME_DIGITS;
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

  start(): void {
    this.#started = true;
    this.#publish(this.#window);
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let answered = 0;
    // CONNACK and PUBACK both have four bytes, and nothing else is ever sent to this client.
    for (; at + 4 <= bytes.length; at += 4) {
      if (bytes[at] === PUBACK) answered++;
      else if (bytes[at] === CONNACK && bytes[at + 3] === 0) this.#publish(1);
      else fail(`unexpected packet ${bytes.subarray(at, at + 4).toString("hex")}`);
    }
    this.#rest = bytes.subarray(at);
    if (answered === 0) return;
    this.acknowledged += answered;
    // The first publish makes the broker know the device and its register; the load begins when all are known.
    if (this.#started) this.#publish(answered);
    else this.#ready();
  }

  /** Writes `count` publishes at once, as one chunk. */
  #publish(count: number): void {
    const size = this.#packet.length;
    const chunk = Buffer.allocUnsafe(size * count);
    for (let i = 0; i < count; i++) {
      this.#packetId = (this.#packetId % PACKET_IDS) + 1;
      this.#timeMs += STEP_MS;
      const text = `${Math.floor(this.#timeMs / 1000)}.${String(this.#timeMs % 1000).padStart(3, "0")}`;
      this.#packet.writeUInt16BE(this.#packetId, this.#packet.length - TEMPLATE.length - 2);
      this.#packet.write(text, this.#timeAt, "latin1");
      this.#packet.copy(chunk, i * size);
    }
    this.#socket.write(chunk);
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

async function run(task: PublisherTask): Promise<PublisherResult> {
  const clients: BenchClient[] = [];
  const connectAll = async (): Promise<void> => {
    while (clients.length < task.clients.length) {
      await new Promise<void>((ready) => clients.push(new BenchClient(task, clients.length, ready)));
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectAll));
  const total = (): number => clients.reduce((sum, client) => sum + client.acknowledged, 0);
  for (const client of clients) client.start();
  await sleep(task.warmUpMs);
  const [startedMs, cpu, before] = [performance.now(), process.cpuUsage(), total()];
  await sleep(task.measureMs);
  const measuredMs = performance.now() - startedMs;
  const acknowledged = total() - before;
  const { user, system } = process.cpuUsage(cpu);
  for (const client of clients) client.end();
  return { acknowledged, measuredMs, cpuMs: (user + system) / 1000 };
}

process.once("message", (task) => {
  void run(task as PublisherTask).then((result) => process.send?.(result, () => process.exit(0)));
});
