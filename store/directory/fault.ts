// What the database's own refusals mean to a caller.
import pg from "pg";
import { KoproError } from "#devices/error";

/** Constraints that a well-formed request can run into, as a sentence for people. */
const CONSTRAINTS: Readonly<
  Record<string, { code: "already_exists" | "state_forbidden" | "request_invalid"; detail: string }>
> = {
  account_email_unique: { code: "already_exists", detail: "An account with this e-mail address exists." },
  account_resident_has_unit: {
    code: "request_invalid",
    detail: "A resident needs a unit: unitId is missing.",
  },
  account_email_lower: { code: "request_invalid", detail: "The e-mail address is not acceptable." },
  unit_name_unique: { code: "already_exists", detail: "The building has a unit of this name." },
  supply_point_code_unique: {
    code: "already_exists",
    detail: "A supply point with this code is registered.",
  },
  contract_period_forward: {
    code: "request_invalid",
    detail: "The contract's end must come after its start.",
  },
  consent_period_forward: {
    code: "request_invalid",
    detail: "The consent's until must come after its from.",
  },
  device_external_id_unique: { code: "already_exists", detail: "Somebody has claimed this device already." },
  register_assignment_no_overlap: {
    code: "state_forbidden",
    detail: "The register is assigned in this time already.",
  },
  register_assignment_period_forward: {
    code: "request_invalid",
    detail: "An assignment must end after it begins.",
  },
  same_building: {
    code: "request_invalid",
    detail: "The supply point belongs to another building than the device.",
  },
  same_carrier: {
    code: "request_invalid",
    detail: "The register measures another carrier than the supply point.",
  },
};

/** Connection lost or refused, server starting or stopping, too many connections: it may work later. */
const AWAY = /^(08|57P0|53300|55P03|40001|40P01|25006)/;
const AWAY_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);
const CHECK_VIOLATION = "23514";
/** Text that PostgreSQL cannot store, and numbers out of its range: the request's fault. */
const DATA = new Set(["22021", "22P05", "22003", "22007", "22008"]);

/** The error as this project names it, or `undefined` when it is a fault of ours. */
export function storeFault(error: unknown): KoproError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  const away =
    typeof code === "string" ? AWAY.test(code) || AWAY_SYSTEM.has(code) : isConnectionTrouble(error);
  if (away) return new KoproError("dependency_missing", "The database cannot be reached.", { cause: error });
  if (!(error instanceof pg.DatabaseError)) return undefined;
  const known = error.constraint === undefined ? undefined : CONSTRAINTS[error.constraint];
  if (known !== undefined) return new KoproError(known.code, known.detail, { cause: error });
  if (error.code === CHECK_VIOLATION) {
    return new KoproError(
      "request_invalid",
      `A value is out of its bounds (${error.constraint ?? "unnamed"}).`,
      {
        cause: error,
      },
    );
  }
  if (DATA.has(error.code ?? "")) {
    return new KoproError(
      "request_invalid",
      "A value cannot be stored: a text holds NUL, or a number is out of range.",
      {
        cause: error,
      },
    );
  }
  return undefined;
}

/** The driver gives these no code. */
function isConnectionTrouble(error: Error): boolean {
  return /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/.test(
    error.message,
  );
}
