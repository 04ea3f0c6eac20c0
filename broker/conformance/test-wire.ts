// The wire as bytes, for packets that no client library would write, and what the conformance tests ask again and again.
import { setTimeout as sleep } from "node:timers/promises";
import { generate, type IConnectPacket, type Packet } from "mqtt-packet";
import { RawClient, type Site, type TestDevice } from "../test-site.ts";

/** `bytes("32 03 00 01 'a'")`: hexadecimal, and text between apostrophes as UTF-8. */
export function bytes(text: string): Buffer {
  const parts = text.matchAll(/'([^']*)'|([0-9a-f]{2})/g);
  return Buffer.concat(
    [...parts].map(([, quoted, hex]) => Buffer.from(quoted ?? hex ?? "", hex ? "hex" : "utf8")),
  );
}

/** A fixed header and its body, the remaining length in as few bytes as it takes. */
export function packet(first: number, ...body: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(body);
  const header = [first];
  for (let rest = content.length; ; rest >>= 7) {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) break;
  }
  return Buffer.concat([Buffer.from(header), content]);
}

/** Two bytes of length, then the bytes: how the protocol writes texts. */
export function field(content: string | Uint8Array): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([id(body.length), body]);
}

export function id(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff]);
}

export const CLEAN = 0x02;
export const WILL = 0x04;
const USER = 0xc0;
const KEEP_ALIVE_S = 60;

/** A CONNECT of `device`, of which every part can be something else. */
export function connectBytes(
  device: TestDevice,
  parts: {
    name?: string | Uint8Array;
    level?: number;
    flags?: number;
    clientId?: string | Uint8Array;
    will?: readonly (string | Uint8Array)[];
    username?: string | Uint8Array;
    password?: string | Uint8Array;
    behind?: Uint8Array;
  } = {},
): Buffer {
  return packet(
    0x10,
    field(parts.name ?? "MQTT"),
    Buffer.from([parts.level ?? 4, parts.flags ?? USER | CLEAN]),
    id(KEEP_ALIVE_S),
    field(parts.clientId ?? "wire"),
    ...(parts.will ?? []).map(field),
    field(parts.username ?? device.username),
    field(parts.password ?? device.password),
    parts.behind ?? Buffer.alloc(0),
  );
}

export function publishBytes(
  topic: string | Uint8Array,
  messageId: number,
  payload: string,
  qos: 1 | 2 = 1,
): Buffer {
  return packet(0x30 | (qos << 1), field(topic), id(messageId), Buffer.from(payload));
}

/** A connection that was accepted. */
export async function connected(
  site: Site,
  options: Partial<IConnectPacket> = {},
  device: TestDevice = site.meter,
): Promise<RawClient> {
  const client = new RawClient(site.port);
  client.socket.setNoDelay(true);
  client.connect(device, options);
  const answer = await client.take("connack");
  if (answer.cmd !== "connack" || answer.returnCode !== 0)
    throw new Error(`refused: ${JSON.stringify(answer)}`);
  return client;
}

/** Long enough for the broker to read what was written, so that what follows comes in another segment. */
export const segment = (): Promise<void> => sleep(2);

/** Writes and waits for the end: the kinds of the packets that were answered before it. */
export async function answersUntilClosed(
  client: RawClient,
  ...written: readonly (Packet | Buffer)[]
): Promise<string[]> {
  client.write(...written);
  await client.closed;
  return client.packets.map((answer) => answer.cmd);
}

/** Whether the connection still answers: everything written before was read. Leaves other answers where they are. */
export async function answersPing(client: RawClient): Promise<boolean> {
  client.write({ cmd: "pingreq" });
  const answered = client.take("pingresp").then(
    () => true,
    () => false,
  );
  return answered;
}

/** How often a message was taken in on a topic; its payload must be no reading. */
export async function timesKept(site: Site, topic: string): Promise<number> {
  const { rows } = await site.pool.query<{ count: number }>(
    "select count(*)::integer as count from quarantine where topic = $1",
    [topic],
  );
  return rows[0]?.count ?? 0;
}

export function hang(client: RawClient): Promise<void> {
  client.socket.destroy();
  return client.closed;
}

export const encoded = (written: Packet): Buffer => Buffer.from(generate(written));
