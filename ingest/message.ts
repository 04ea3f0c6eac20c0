// One message as the broker hands it over.
import type { DeviceContext } from "#store";

export type IngestMessage = {
  readonly device: DeviceContext;
  /** As the device gave it; kept with what goes to quarantine. */
  readonly clientId: Buffer | string;
  /** Without the device's mount. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retained: boolean;
  /** The broker's clock, milliseconds since 1970. */
  readonly receivedAtMs: number;
};
