// Why a CONNECT is refused, and the code of the CONNACK that says so.
import type { Refusal } from "./counts.ts";

/** Table 3.1 of MQTT 3.1.1, the refusals that are ours to give. */
const ReturnCode = {
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;
type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode];

const CODES: Record<Refusal, ReturnCode> = {
  anonymous: ReturnCode.notAuthorized,
  malformed: ReturnCode.badUserNameOrPassword,
  credential: ReturnCode.badUserNameOrPassword,
  certificate: ReturnCode.notAuthorized,
  // Whoever sent wrong secrets is told what a wrong secret is told; it may not even be wrong this time.
  locked: ReturnCode.badUserNameOrPassword,
  rate: ReturnCode.serverUnavailable,
  will: ReturnCode.notAuthorized,
  identifier: ReturnCode.identifierRejected,
  busy: ReturnCode.serverUnavailable,
  store: ReturnCode.serverUnavailable,
};

/** aedes answers with its `returnCode`. */
export class Refused extends Error {
  readonly refusal: Refusal;
  readonly returnCode: ReturnCode;
  constructor(refusal: Refusal, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.refusal = refusal;
    this.returnCode = CODES[refusal];
  }
}
