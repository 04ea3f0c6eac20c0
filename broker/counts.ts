// What happened at the door, counted in plain numbers and shown to Prometheus when it asks.
import type { Registry } from "prom-client";
import { MetricSheet } from "#store";

const REFUSALS = [
  "anonymous",
  "malformed",
  "credential",
  "certificate",
  "locked",
  "rate",
  "busy",
  "store",
  "identifier",
  "will",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What the front door has counted since it started. */
export class Counts {
  readonly refused: Record<Refusal, number> = {
    anonymous: 0,
    malformed: 0,
    credential: 0,
    certificate: 0,
    locked: 0,
    rate: 0,
    busy: 0,
    store: 0,
    identifier: 0,
    will: 0,
  };
  readonly published: [number, number, number] = [0, 0, 0];
  qos0Dropped = 0;
  publishesRefused = 0;
  packetsTooLarge = 0;
  revoked = 0;
  slowClients = 0;
  commandsSent = 0;
  commandsDelivered = 0;
  connected = 0;
  slowed = 0;
  lookUps = 0;

  /** For the log. */
  summary(): Record<string, unknown> {
    const [qos0, qos1, qos2] = this.published;
    return { publishes: qos0 + qos1 + qos2, qos0Dropped: this.qos0Dropped, refused: this.refused };
  }

  /** Shows the counts and two gauges to Prometheus. */
  register(
    registry: Registry,
    gauges: { connections: () => number; unacknowledgedBytes: () => number },
  ): void {
    const sheet = new MetricSheet(registry);
    const counter = (name: string, help: string, read: () => number): void =>
      sheet.counter(`koprogo_mqtt_${name}_total`, help, read);
    counter("connections", "Connections accepted", () => this.connected);
    counter("qos0_dropped", "QoS 0 messages dropped under back pressure", () => this.qos0Dropped);
    counter("publishes_refused", "Publishes that closed their connection", () => this.publishesRefused);
    counter("packets_too_large", "Packets that announced too many bytes", () => this.packetsTooLarge);
    counter("revoked", "Connections closed because their credential ended", () => this.revoked);
    counter("slow_clients", "Connections closed because their client did not read", () => this.slowClients);
    counter("commands_sent", "Commands sent to devices, repeats included", () => this.commandsSent);
    counter("commands_delivered", "Commands that devices acknowledged", () => this.commandsDelivered);
    sheet.counters(
      "koprogo_mqtt_connections_refused_total",
      "Connections refused, by reason",
      "reason",
      () => this.refused,
    );
    sheet.counters("koprogo_mqtt_publishes_total", "Messages taken in, by quality of service", "qos", () => {
      const [qos0, qos1, qos2] = this.published;
      return { 0: qos0, 1: qos1, 2: qos2 };
    });
    counter("slowed", "Reads put off because a device or building was over its rate", () => this.slowed);
    counter("credential_lookups", "Questions to the store about who may connect", () => this.lookUps);
    sheet.gauge("koprogo_mqtt_connections", "Devices connected now", gauges.connections);
    sheet.gauge(
      "koprogo_mqtt_unacknowledged_bytes",
      "Bytes that wait for a commit, with what many small messages cost beside them",
      gauges.unacknowledgedBytes,
    );
  }
}
