// What a simulated device says and when: the part that the demo, the tests and the verdict share.
import type { ProfileId } from "#devices/vocabulary";

export type Speech = {
  readonly profile: ProfileId;
  /** As its factory set it; the broker puts it below the device's mount. */
  readonly topic: string;
  /** Pause between two messages in present time. Messages fall on whole multiples since 1970. */
  readonly liveStepMs: number;
  /** The same where history is filled: thinner, and a divisor of the quarter-hour so that its boundaries are told. */
  readonly historyStepMs: number;
  /** The message of an instant; pure. `undefined`: the device is out of reach. */
  messageAt(instantMs: number): Buffer | undefined;
};

/** The instants in `(afterMs, untilMs]` at which a device with this step speaks. */
export function* instants(stepMs: number, afterMs: number, untilMs: number): Generator<number> {
  for (let at = (Math.floor(afterMs / stepMs) + 1) * stepMs; at <= untilMs; at += stepMs) yield at;
}
