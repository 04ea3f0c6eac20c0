// The verdict on what was sent with QoS 0: nobody acknowledges it, but where no connection was lost all of it arrives, and where some
// were, half of what a device said that said much. Pure.
import { addReadings, judgeReadings, type RegisterEvidence } from "./judge-readings.ts";

export type UnconfirmedTally = {
  /** Readings sent with QoS 0 that are not there, of devices of which too few are. */
  readonly unarrived: number;
  /** These devices, in words. */
  readonly unheard: readonly string[];
};

/** Kills and storms take with them what is under way: of a device that said little, that may be all of it. */
const SHARE_LEAST = 0.5;
const MUCH = 100;

/** Of a device: what it told with QoS 0 is what of each register must be there. */
export function judgeUnconfirmed(
  registers: readonly RegisterEvidence[],
  isStruck: boolean,
): UnconfirmedTally {
  const { lost: absent, findings } = addReadings(registers.map(judgeReadings));
  const { lost: all } = addReadings(registers.map((one) => judgeReadings({ ...one, readings: [] })));
  const mayLack = !isStruck ? 0 : all < MUCH ? all : (1 - SHARE_LEAST) * all;
  if (absent <= mayLack) return { unarrived: 0, unheard: [] };
  const first = findings.find(({ kind }) => kind === "lost");
  const example = first && `, the first ${first.register} = ${first.value} of ${first.observedAt}`;
  const device = registers[0]?.device.key ?? "";
  return { unarrived: absent, unheard: [`${device}: ${absent} of ${all} readings${example ?? ""}`] };
}

/** Of several devices. */
export function addUnconfirmed(tallies: readonly UnconfirmedTally[]): UnconfirmedTally {
  return {
    unarrived: tallies.reduce((sum, one) => sum + one.unarrived, 0),
    unheard: tallies.flatMap(({ unheard }) => unheard),
  };
}
