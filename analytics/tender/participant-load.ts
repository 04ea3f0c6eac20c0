// One participant's quarter-hours: its supply points added, then added to the group. One buffer serves all, one after another.

export type ParticipantLoad = {
  /** Wh per quarter-hour of the period. */
  readonly energies: Float64Array;
  /** 1 where any of its supply points has a value. */
  readonly present: Uint8Array;
};

export function participantLoad(slots: number): ParticipantLoad {
  return { energies: new Float64Array(slots), present: new Uint8Array(slots) };
}

export function resetParticipant(load: ParticipantLoad): void {
  load.energies.fill(0);
  load.present.fill(0);
}

/** Adds the participant to the group and returns its own highest quarter-hour, Wh. */
export function addParticipant(load: ParticipantLoad, energies: Float64Array, present: Uint32Array): number {
  let highest = 0;
  for (let slot = 0; slot < energies.length; slot++) {
    if (load.present[slot] === 0) continue;
    const energyWh = load.energies[slot] ?? 0;
    energies[slot] = (energies[slot] ?? 0) + energyWh;
    present[slot] = (present[slot] ?? 0) + 1;
    if (energyWh > highest) highest = energyWh;
  }
  return highest;
}
