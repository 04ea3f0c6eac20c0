// What happened at the door, counted in plain numbers and shown to Prometheus when it asks.
import { Counter, Gauge, type Registry } from "prom-client";

const REFUSALS = ["anonymous", "malformed", "credential", "busy", "store", "identifier", "will"] as const;
export type Refusal = (typeof REFUSALS)[number];

export class Counts {
  readonly refused: Record<Refusal, number> = {
    anonymous: 0,
    malformed: 0,
    credential: 0,
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
  connected = 0;

  /** For the log. */
  summary(): Record<string, unknown> {
    const [qos0, qos1, qos2] = this.published;
    return { publishes: qos0 + qos1 + qos2, qos0Dropped: this.qos0Dropped, refused: this.refused };
  }

  /** Shows the counts, and two gauges, in the Prometheus text format. */
  register(
    registry: Registry,
    gauges: { connections: () => number; unacknowledgedBytes: () => number },
  ): void {
    const counter = (name: string, help: string, read: () => number): void => {
      const shown: Counter = new Counter({
        name,
        help,
        registers: [registry],
        collect: () => set(shown, read()),
      });
    };
    counter("koprogo_mqtt_connections_total", "Connections accepted", () => this.connected);
    counter(
      "koprogo_mqtt_qos0_dropped_total",
      "QoS 0 messages dropped under back pressure",
      () => this.qos0Dropped,
    );
    counter(
      "koprogo_mqtt_publishes_refused_total",
      "Publishes that closed their connection",
      () => this.publishesRefused,
    );
    counter(
      "koprogo_mqtt_packets_too_large_total",
      "Packets that announced too many bytes",
      () => this.packetsTooLarge,
    );
    counter(
      "koprogo_mqtt_revoked_total",
      "Connections closed because their credential ended",
      () => this.revoked,
    );
    const refused = new Counter({
      name: "koprogo_mqtt_connections_refused_total",
      help: "Connections refused, by reason",
      labelNames: ["reason"],
      registers: [registry],
      collect: () => {
        refused.reset();
        for (const reason of REFUSALS) refused.inc({ reason }, this.refused[reason]);
      },
    });
    const published = new Counter({
      name: "koprogo_mqtt_publishes_total",
      help: "Messages taken in, by quality of service",
      labelNames: ["qos"],
      registers: [registry],
      collect: () => {
        published.reset();
        for (const [qos, count] of this.published.entries()) published.inc({ qos }, count);
      },
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const shown: Gauge = new Gauge({ name, help, registers: [registry], collect: () => shown.set(read()) });
    };
    gauge("koprogo_mqtt_connections", "Devices connected now", gauges.connections);
    gauge(
      "koprogo_mqtt_unacknowledged_bytes",
      "Payload bytes that wait for a commit",
      gauges.unacknowledgedBytes,
    );
  }
}

function set(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
