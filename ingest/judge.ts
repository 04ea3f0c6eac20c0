// Which observations of a message become readings, and why the others do not. Nothing is written here.
import type { Decoded, Observation, Rejection, RegisterSpec } from "#devices/reading";
import { DAY_MS, HOUR_MS, MINUTE_MS, OLDEST_INSTANT_MS, utcDayNumber } from "#devices/time";
import { ClockSource, Flag } from "#devices/vocabulary";
import type { StoredRegister } from "#store";
import { Carriage } from "./carriage.ts";
import { hasOwnTime } from "./decode-message.ts";
import type { DeviceState, LastChange } from "./device-state.ts";
import { RowGrouper, type DraftRow } from "./group-rows.ts";
import type { IngestLimits } from "./limits.ts";

/** A clock that is further off than this is flagged. */
export const SKEW_MS = 5 * MINUTE_MS;
/** A clock that is further ahead than this is refused. */
export const FUTURE_MS = DAY_MS;

/** PostgreSQL's index takes 2,704 bytes; a name longer than this is no name. */
const NAME_LENGTH_MAX = 256;
/** A P1 equipment identifier has up to 96 characters. */
const WORD_LENGTH_MAX = 96;
const DETAIL_LENGTH_MAX = 2000;

export type Judgement = {
  readonly rows: readonly DraftRow[];
  readonly rejections: Rejection[];
  /** Registers met for the first time: create them and judge again. */
  readonly unknown: readonly RegisterSpec[];
  /** The readings of which values of this message are copies. */
  readonly copies: readonly LastChange[] | undefined;
};

export function judge(
  device: DeviceState,
  decoded: Decoded,
  receivedAtMs: number,
  limits: IngestLimits,
): Judgement {
  const rejections = [...decoded.rejections];
  let unknown: Map<string, RegisterSpec> | undefined;
  const grouper = new RowGrouper();
  let copies: LastChange[] | undefined;
  for (const observation of decoded.observations) {
    const spec = observation.register;
    const timed = hasOwnTime(observation);
    // A time relative to the arrival ("five seconds ago") tells the values of a message apart, but is the broker's.
    const instantMs = Math.round(observation.observedAtMs ?? receivedAtMs);
    // The time first: what is refused for it must neither create a register nor fix its unit.
    const wrong = timeRejection(device, spec, timed, instantMs, receivedAtMs, limits);
    if (wrong !== undefined) {
      rejections.push(wrong);
      continue;
    }
    const register = device.known(spec) ?? recognise(device, spec, (unknown ??= new Map()), limits);
    if (register === undefined) continue;
    if ("reason" in register) rejections.push(register);
    else if (spec.onChange === true && isCopy(device, register, observation, (copies ??= []))) continue;
    else grouper.add(instantMs, timed ? observation.clock : ClockSource.broker, register, observation.value);
  }
  return {
    rows: grouper.rows,
    rejections,
    unknown: unknown === undefined ? NONE : [...unknown.values()],
    copies,
  };
}

const NONE: readonly RegisterSpec[] = [];

/** Whether the value is the one stored last: its family repeats what it knows with every message, and that is no reading. */
function isCopy(
  device: DeviceState,
  register: StoredRegister,
  observation: Observation,
  copies: LastChange[],
): boolean {
  const last = (device.lastChanges ??= new Map()).get(register.id);
  if (last === undefined) device.lastChanges.set(register.id, NOTHING_YET);
  if (last?.value !== observation.value) return false;
  copies.push(last);
  return true;
}

/** Marks a register as one that is read when it changes. */
const NOTHING_YET: LastChange = { value: "", carriage: new Carriage() };

/** The register of a spec that is not remembered; undefined, and noted in `unknown`, where it must be created. */
function recognise(
  device: DeviceState,
  spec: RegisterSpec,
  unknown: Map<string, RegisterSpec>,
  limits: IngestLimits,
): StoredRegister | Rejection | undefined {
  const named = device.named(spec);
  if (named !== undefined) {
    const outcome = contradiction(named, spec) ?? named;
    device.remember(spec, outcome);
    return outcome;
  }
  const wrong = textRejection(spec);
  if (wrong !== undefined) {
    device.remember(spec, wrong);
    return wrong;
  }
  const key = `${spec.name}\0${spec.equipmentId}`;
  const first = unknown.get(key);
  if (first !== undefined) return undefined;
  if (device.registerCount + unknown.size >= limits.registersPerDeviceMax) {
    return {
      reason: "too_many_registers",
      detail: `${spec.name} would be register ${limits.registersPerDeviceMax + 1} of this device; at most ${limits.registersPerDeviceMax} are kept.`,
    };
  }
  unknown.set(key, spec);
  return undefined;
}

function contradiction(register: StoredRegister, spec: RegisterSpec): Rejection | undefined {
  if (register.unit !== spec.unit) {
    return {
      reason: "unit_contradicts_register",
      detail: `${spec.name} is in ${spec.unit}, but this register counts in ${register.unit} since it was first seen.`,
    };
  }
  if (register.kind !== spec.kind) {
    return {
      reason: "unit_contradicts_register",
      detail: `${spec.name} is ${spec.kind}, but this register is ${register.kind} since it was first seen.`,
    };
  }
  return undefined;
}

/** What PostgreSQL would refuse, or no person could read, found before it costs others their batch. */
function textRejection(spec: RegisterSpec): Rejection | undefined {
  const words = [spec.equipmentId, spec.quantity, spec.unit, spec.tariff ?? ""];
  const fits =
    spec.name.length > 0 &&
    spec.name.length <= NAME_LENGTH_MAX &&
    words.every((word) => word.length <= WORD_LENGTH_MAX);
  const clean = [spec.name, ...words].every((text) => text.isWellFormed() && !text.includes("\0"));
  if (fits && clean) return undefined;
  const shown = spec.name.slice(0, WORD_LENGTH_MAX);
  return {
    reason: "text_invalid",
    detail: clean
      ? `The register ${shown}… has a name of ${spec.name.length} characters or a word of more than ${WORD_LENGTH_MAX}; a name has 1 to ${NAME_LENGTH_MAX}.`
      : `The register ${shown} has a NUL or half of a surrogate pair in its name or unit.`,
  };
}

function timeRejection(
  device: DeviceState,
  register: RegisterSpec,
  timed: boolean,
  instantMs: number,
  receivedAtMs: number,
  limits: IngestLimits,
): Rejection | undefined {
  if (!timed && register.kind !== "instantaneous" && register.timedByBroker !== true) {
    return {
      reason: "time_missing",
      detail: `${register.name} is ${register.kind}, and the message carries no time for it.`,
    };
  }
  // Written so that NaN is refused too.
  if (!(instantMs >= OLDEST_INSTANT_MS)) {
    return {
      reason: "time_before_2000",
      detail: `${register.name} is of ${showInstant(instantMs)}, before 2000.`,
    };
  }
  if (instantMs > receivedAtMs + FUTURE_MS) {
    return {
      reason: "time_in_future",
      detail: `${register.name} is of ${showInstant(instantMs)}, more than a day after it was received (${showInstant(receivedAtMs)}).`,
    };
  }
  if (touchesTooManyDays(device, instantMs, receivedAtMs, limits)) {
    return {
      reason: "too_many_past_days",
      detail: `${register.name} is of ${showInstant(instantMs)}: this device touched ${limits.pastDaysPerHourMax} old days within an hour. Send again later, or import the history.`,
    };
  }
  return undefined;
}

/** Counts a day once, so judging a message twice costs nothing. */
function touchesTooManyDays(
  device: DeviceState,
  instantMs: number,
  receivedAtMs: number,
  limits: IngestLimits,
): boolean {
  if (instantMs >= receivedAtMs - limits.pastDayAfterMs) return false;
  if (device.pastDays === undefined || receivedAtMs - device.pastDaysSinceMs >= HOUR_MS) {
    device.pastDays = new Set();
    device.pastDaysSinceMs = receivedAtMs;
  }
  const day = utcDayNumber(instantMs);
  if (device.pastDays.has(day)) return false;
  if (device.pastDays.size >= limits.pastDaysPerHourMax) return true;
  device.pastDays.add(day);
  return false;
}

/** Bits of `Flag`. A repeat is never stored again, so lateness is that of the first arrival. */
export function flagsOf(observedAtMs: number, receivedAtMs: number, retained: boolean): number {
  const aheadMs = observedAtMs - receivedAtMs;
  return (
    (aheadMs > SKEW_MS ? Flag.skewed : 0) |
    (aheadMs < -SKEW_MS ? Flag.late : 0) |
    (retained ? Flag.retained : 0)
  );
}

/** One quarantine row per message: the first reason, and what each rejected part says. */
export function combineRejections(rejections: readonly Rejection[]): Rejection | undefined {
  const first = rejections[0];
  if (first === undefined || rejections.length === 1) return first;
  const details: string[] = [];
  let length = 0;
  for (const { detail } of rejections) {
    length += detail.length;
    if (length > DETAIL_LENGTH_MAX && details.length > 0) break;
    details.push(detail);
  }
  const left = rejections.length - details.length;
  return {
    reason: first.reason,
    detail: details.join(" ") + (left > 0 ? ` And ${left} more.` : ""),
  };
}

function showInstant(instantMs: number): string {
  const date = new Date(instantMs);
  return Number.isNaN(date.getTime()) ? `instant ${instantMs}` : date.toISOString();
}
