// The live stream of one building: opened, reopened after a break, closed; its events feed the live state.
import { systemTime } from "#devices/time";
import { livePath } from "../data/api.ts";
import {
  applyReadings,
  EMPTY_LIVE_STATE,
  parseLiveEvent,
  withHistory,
  withRegisters,
  type LiveState,
  type PowerSample,
} from "./live-state.ts";
import type { RegisterInfo } from "./register-role.ts";

export type LiveConnection = "connecting" | "open" | "waiting";

const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 30_000;

export class LiveFeed {
  #state = $state.raw<LiveState>(EMPTY_LIVE_STATE);
  #connection = $state.raw<LiveConnection>("connecting");
  #registers: ReadonlyMap<string, RegisterInfo> = new Map();
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_FIRST_MS;

  get state(): LiveState {
    return this.#state;
  }

  get connection(): LiveConnection {
    return this.#connection;
  }

  /** What the registers mean; readings of a register not named here are judged by what the event itself says. */
  describe(registers: ReadonlyMap<string, RegisterInfo>): void {
    this.#registers = registers;
    this.#state = withRegisters(this.#state, registers);
  }

  addHistory(history: readonly PowerSample[]): void {
    this.#state = withHistory(this.#state, history);
  }

  open(buildingId: string): void {
    this.#connection = "connecting";
    const source = new EventSource(livePath(buildingId));
    this.#source = source;
    source.addEventListener("open", () => {
      this.#connection = "open";
      this.#retryMs = RETRY_FIRST_MS;
    });
    source.addEventListener("reading", (event: MessageEvent<string>) => {
      this.#state = applyReadings(this.#state, parseLiveEvent(event.data), this.#registers, systemTime.now());
    });
    source.addEventListener("error", () => this.#reopen(buildingId));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** EventSource gives up for good on an HTTP error, so the retry is ours: after a second, then twice as late each time. */
  #reopen(buildingId: string): void {
    this.close();
    this.#connection = "waiting";
    this.#timer = setTimeout(() => this.open(buildingId), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }
}
