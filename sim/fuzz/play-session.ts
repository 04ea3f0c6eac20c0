// Plays one drawn connection against the broker, and judges what it was answered beside what the strict reader takes from it.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { generate, parser, type Packet } from "mqtt-packet";
import type { DrawnSession } from "./draw-session.ts";
import { WILL_TOPIC } from "./draw-session.ts";
import { readStrictly, type Said } from "./read-strictly.ts";

export type FuzzDevice = { readonly id: number; readonly secret: string };

export type Played = {
  /** Everything that it said, as the strict reader reads it: all that may be kept. */
  readonly said: readonly Said[];
  /** What was acknowledged: all that must be kept. */
  readonly acknowledged: readonly Said[];
  readonly violations: readonly string[];
};

const PACKET_BYTES_MAX = 1024 * 1024;
const KEEP_ALIVE_S = 600;
const ANSWERED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 2;
/** A stranger is watched for so long: it may get a refusal, and nothing else. */
const STRANGER_MS = 20;

class Line {
  readonly packets: Packet[] = [];
  readonly #socket: Socket;
  closed = false;

  constructor(port: number) {
    const incoming = parser();
    incoming.on("packet", (packet) => this.packets.push(packet));
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => incoming.parse(chunk as Buffer));
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.on("close", () => (this.closed = true));
  }

  write(bytes: Buffer): void {
    if (!this.closed) this.#socket.write(bytes);
  }

  /** Whether `look` became true before the end of the connection, or of our patience. */
  async waitFor(look: () => boolean): Promise<boolean> {
    const startedMs = performance.now();
    while (!look()) {
      if (this.closed || performance.now() - startedMs > ANSWERED_WITHIN_MS) return look();
      await sleep(LOOK_EVERY_MS);
    }
    return true;
  }

  end(): void {
    this.#socket.destroy();
  }
}

export async function playSession(
  port: number,
  device: FuzzDevice,
  clientId: string,
  session: DrawnSession,
): Promise<Played> {
  const line = new Line(port);
  try {
    return session.authenticated
      ? await playDevice(line, device, clientId, session)
      : await playStranger(line, session);
  } finally {
    line.end();
  }
}

async function playStranger(line: Line, session: DrawnSession): Promise<Played> {
  await writeCut(line, session);
  await sleep(STRANGER_MS);
  const answers = line.packets.filter((packet) => packet.cmd !== "connack" || packet.returnCode === 0);
  const violations = answers.map(({ cmd }) => `a stranger was answered with ${cmd}`);
  return { said: [], acknowledged: [], violations };
}

async function playDevice(
  line: Line,
  device: FuzzDevice,
  clientId: string,
  session: DrawnSession,
): Promise<Played> {
  line.write(connectOf(device, clientId, session));
  const accepted = await line.waitFor(() => line.packets.length > 0);
  const [answer] = line.packets;
  if (!accepted || answer?.cmd !== "connack" || answer.returnCode !== 0) {
    return {
      said: [],
      acknowledged: [],
      violations: [`a good CONNECT was answered with ${JSON.stringify(answer)}`],
    };
  }
  const published = readStrictly(session.bytes, PACKET_BYTES_MAX);
  await writeCut(line, session);
  const expected = published.filter(({ qos }) => qos > 0).length;
  const answered = (): number =>
    line.packets.filter(({ cmd }) => cmd === "puback" || cmd === "pubrec").length;
  const complete = await line.waitFor(() => answered() >= expected);
  const violations = faultsOf(published, line.packets);
  if (!complete && (!line.closed || session.wellFormed)) {
    violations.push(
      `${answered()} of ${expected} publishes were answered${line.closed ? ", then it was closed" : ""}`,
    );
  }
  const will: Said[] =
    session.will === undefined ? [] : [{ topic: WILL_TOPIC, payload: session.will, qos: 0, messageId: 0 }];
  return { said: [...published, ...will], acknowledged: acknowledgedOf(published, line.packets), violations };
}

function connectOf(device: FuzzDevice, clientId: string, { will }: DrawnSession): Buffer {
  return Buffer.from(
    generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: KEEP_ALIVE_S,
      clientId,
      username: String(device.id),
      password: Buffer.from(device.secret),
      ...(will === undefined ? {} : { will: { topic: WILL_TOPIC, payload: will, qos: 0, retain: false } }),
    }),
  );
}

async function writeCut(line: Line, { bytes, cuts }: DrawnSession): Promise<void> {
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (line.closed) return;
    line.write(bytes.subarray(from, cut));
    from = Math.max(from, cut);
    if (cut < bytes.length) await sleep(1);
  }
}

const idsOf = (packets: readonly Packet[], cmd: "puback" | "pubrec"): number[] =>
  packets.flatMap((packet) => (packet.cmd === cmd ? [packet.messageId ?? 0] : []));
const unique = (ids: readonly number[]): number[] => [...new Set(ids)];

/** PUBACKs are a beginning of the publishes of QoS 1; PUBRECs, repeats aside, of those of QoS 2. */
function faultsOf(published: readonly Said[], packets: readonly Packet[]): string[] {
  const faults: string[] = [];
  const ids = (qos: 1 | 2): number[] =>
    published.filter((one) => one.qos === qos).map(({ messageId }) => messageId);
  const pubacks = idsOf(packets, "puback");
  if (!isBeginning(pubacks, ids(1))) faults.push(`PUBACKs ${pubacks.join()} for publishes ${ids(1).join()}`);
  const pubrecs = idsOf(packets, "pubrec");
  if (pubrecs.length > ids(2).length || !isBeginning(unique(pubrecs), unique(ids(2)))) {
    faults.push(`PUBRECs ${pubrecs.join()} for publishes ${ids(2).join()}`);
  }
  const unasked = packets.filter(({ cmd }, index) => cmd === "connect" || (cmd === "connack" && index > 0));
  return [...faults, ...unasked.map(({ cmd }) => `an unasked ${cmd}`)];
}

const isBeginning = (some: readonly number[], all: readonly number[]): boolean =>
  some.length <= all.length && some.every((id, index) => id === all[index]);

/** The publishes of QoS 1 that PUBACKs count up to, and the first of each id of QoS 2 that has a PUBREC. */
function acknowledgedOf(published: readonly Said[], packets: readonly Packet[]): Said[] {
  const pubacks = idsOf(packets, "puback").length;
  const pubrecs = new Set(idsOf(packets, "pubrec"));
  const once = published.filter(({ qos }) => qos === 1).slice(0, pubacks);
  const exactly = published.filter(
    ({ qos, messageId }, index) =>
      qos === 2 &&
      pubrecs.has(messageId) &&
      published.findIndex((one) => one.qos === 2 && one.messageId === messageId) === index,
  );
  return [...once, ...exactly];
}
