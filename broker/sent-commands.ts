// What one connection was sent and has not acknowledged: its packet identifiers are apart from those of aedes.

/** From here on packet identifiers are ours; aedes, which does not look whether one is in use, counts below. */
export const COMMAND_PACKET_ID_MIN = 65_000;
const PACKET_ID_MAX = 65_535;

/** The commands of one connection by packet identifier, from the PUBLISH to its PUBACK. */
export class SentCommands {
  readonly #byPacket = new Map<number, number>();
  #lastId = PACKET_ID_MAX;

  /** The identifier of the packet that this command goes out in [MQTT-2.3.1-4: not in use until it is acknowledged]. */
  add(command: number): number {
    do {
      this.#lastId = this.#lastId === PACKET_ID_MAX ? COMMAND_PACKET_ID_MIN : this.#lastId + 1;
    } while (this.#byPacket.has(this.#lastId));
    this.#byPacket.set(this.#lastId, command);
    return this.#lastId;
  }

  /** More than this are not unacknowledged at once: a device that never answers is sent nothing more. */
  get isFull(): boolean {
    return this.#byPacket.size > PACKET_ID_MAX - COMMAND_PACKET_ID_MIN;
  }

  /** The command that went out in this packet, which is acknowledged; undefined when it was none. */
  take(packetId: number): number | undefined {
    const command = this.#byPacket.get(packetId);
    this.#byPacket.delete(packetId);
    return command;
  }

  /** All that was not acknowledged; there is nothing left then. */
  takeAll(): number[] {
    const commands = [...this.#byPacket.values()];
    this.#byPacket.clear();
    return commands;
  }

  has(command: number): boolean {
    return [...this.#byPacket.values()].includes(command);
  }
}
