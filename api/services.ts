// What every route is given: the database, the clock, the log, the settings and the live hub. No globals.
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Desk } from "#analytics";
import type { TimeSource } from "#devices/time";
import type { Replayer } from "#ingest";
import type { Pool, SecretBox } from "#store";
import type { LiveHub } from "./live-hub.ts";

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
export type { FastifyReply, FastifyRequest };

/** What the API reads of the environment (`readConfig`). */
export type ApiConfig = { readonly KOPROGO_COHORT_MIN: number };

export type Services = {
  readonly pool: Pool;
  readonly time: TimeSource;
  readonly log: FastifyBaseLogger;
  readonly config: ApiConfig;
  readonly live: LiveHub;
  /** Reads again what waits in quarantine; woken after a request was committed. */
  readonly replayer: Replayer;
  /** Every step of a tender goes through it. */
  readonly desk: Desk;
  /** Without `secrets` no password can be kept, so there are no connectors. */
  readonly connectors: { readonly secrets: SecretBox | undefined; readonly allowPrivate: boolean };
  /** How soon a withdrawn consent, an ended session or a new register shows in an open stream. */
  readonly recheckMs: number;
  /** An upload of which nothing comes for so long is given up. */
  readonly uploadIdleMs: number;
};
