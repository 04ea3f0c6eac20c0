// A device's MQTT connection as the real thing keeps it: reconnecting with back-off and jitter.
import mqtt from "mqtt";
import type { Random } from "../world/random.ts";

export type Speaker = {
  /**
   * Resolves at the acknowledgement; when the connection is lost before, it is sent again. With QoS 0 when it left, or was lost: there
   * is no second attempt. `qos`: 1 where nothing is said.
   */
  publish(
    topic: string,
    payload: Uint8Array,
    options?: { readonly qos?: 0 | 1 | 2; readonly dup?: boolean; readonly retain?: boolean },
  ): Promise<void>;
  /** Resolves once connected, or rejects with what the broker answered to the first attempt. */
  ready(): Promise<void>;
  /**
   * Cuts the connection, as a router does that restarts: it comes back by itself, and sends again what is unacknowledged. Resolves when
   * the device knows: what it says from then on waits for the next connection.
   */
  drop(): Promise<void>;
  /** Ends the connection. What is unacknowledged by then rejects. */
  close(): Promise<void>;
};

export type SpeakerOptions = {
  /** `mqtt`, `mqtts`, `ws` or `wss`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly random: Random;
  /** What it listens to, and what it does with what it hears there. */
  readonly listens?: { readonly filter: string; readonly hear: (topic: string, payload: Buffer) => void };
  /** The authority of a broker's certificate that no public one signed, PEM. */
  readonly ca?: string;
};

const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_LAST_MS = 30_000;
const CLOSE_WITHIN_MS = 1000;
const CLOSE_STEP_MS = 20;

export function createSpeaker(options: SpeakerOptions): Speaker {
  const client = mqtt.connect(options.url, {
    protocolVersion: 4,
    username: options.username,
    password: options.password,
    clientId: `sim-${options.username}-${options.random.below(2 ** 31).toString(36)}`,
    clean: true,
    keepalive: 60,
    connectTimeout: 10_000,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    reconnectPeriod: BACK_OFF_FIRST_MS,
    // A broker whose store is away for a moment refuses; without this the client would never try again.
    reconnectOnConnackError: true,
  });
  backOff(client, options.random);
  if (options.listens !== undefined) listen(client, options.listens);
  const waiting = new Set<(error: Error) => void>();
  const leaving = whatLeaves(client);
  const publish: Speaker["publish"] = (topic, payload, { qos = 1, dup = false, retain = false } = {}) => {
    if (qos === 0)
      return leaving((over) => client.publish(topic, Buffer.from(payload), { qos, retain }, over));
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      const send = (again: boolean) => {
        client.publish(topic, Buffer.from(payload), { qos, dup: dup || again, retain }, (error) => {
          // What was published while the client was sending again what an earlier loss left over fails with the next loss.
          if (error && closed === undefined) return void setImmediate(send, true);
          waiting.delete(reject);
          if (error) reject(error);
          else resolve();
        });
      };
      send(false);
    });
  };
  let closed: Promise<void> | undefined;
  return {
    publish,
    ready: () => firstAnswer(client),
    drop: () => drop(client),
    close: () => (closed ??= close(client, waiting)),
  };
}

/**
 * What is sent with QoS 0 is over when it was written, or when the connection is: the client says nothing of what it wrote to a socket
 * that was gone.
 */
function whatLeaves(client: mqtt.MqttClient): (send: (over: () => void) => void) => Promise<void> {
  const underWay = new Set<() => void>();
  client.on("close", () => {
    for (const over of underWay) over();
  });
  return (send) =>
    new Promise((resolve) => {
      const over = () => {
        underWay.delete(over);
        resolve();
      };
      underWay.add(over);
      send(over);
    });
}

/** Asked for anew with every connection. */
function listen(client: mqtt.MqttClient, { filter, hear }: NonNullable<SpeakerOptions["listens"]>): void {
  client.subscribe(filter, { qos: 1 });
  client.on("message", hear);
}

function drop(client: mqtt.MqttClient): Promise<void> {
  if (!client.connected) return Promise.resolve();
  return new Promise((resolve) => {
    client.once("close", () => resolve());
    client.stream.destroy();
  });
}

/** Waits a moment for what is unacknowledged. Nothing is promised about the rest: its callers get an error. */
async function close(client: mqtt.MqttClient, waiting: ReadonlySet<(error: Error) => void>): Promise<void> {
  for (let waitedMs = 0; waiting.size > 0 && waitedMs < CLOSE_WITHIN_MS; waitedMs += CLOSE_STEP_MS) {
    await new Promise((resolve) => setTimeout(resolve, CLOSE_STEP_MS));
  }
  // A graceful end would wait for ever for acknowledgements that do not come, and on a connection that is just being made again.
  await client.endAsync(waiting.size > 0 || !client.connected);
  for (const reject of waiting) reject(new Error("the connection was closed before the acknowledgement"));
}

/** Waits twice as long after each failure, somewhere between half and the whole: a herd does not come back at once. */
function backOff(client: mqtt.MqttClient, random: Random): void {
  let attempt = 0;
  client.on("connect", () => {
    attempt = 0;
  });
  // Before the client's own listener, which reads the period when it sets its timer.
  client.prependListener("close", () => {
    const ceilingMs = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** attempt++);
    client.options.reconnectPeriod = Math.round(ceilingMs * (0.5 + random.next() / 2));
  });
  // A refusal or a lost socket is not the end: the next attempt is due. Without a listener it would end the process.
  client.on("error", () => undefined);
}

function firstAnswer(client: mqtt.MqttClient): Promise<void> {
  if (client.connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      client.off("connect", connected);
      client.off("error", settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const connected = () => settle();
    client.on("connect", connected);
    client.on("error", settle);
  });
}
