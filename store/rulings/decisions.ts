// What was decided about a register's steps, as the worker keeps it and as people read it.
import type { RegisterState } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import type { RegisterSpan } from "../profiles/save-profile.ts";

/** Known by its register and two instants, equal where it is about one reading. Indices: decimal text, the register's unit. */
export type RegisterDecision = {
  readonly registerId: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: RegisterState;
  readonly fromIndex: string;
  readonly toIndex: string;
  readonly rulingId: number | null;
  readonly evidence: Readonly<Record<string, string | number>>;
};

/** Of a decision at which a unit slips, or is the right one again. */
export type UnitSlipEdge = Pick<RegisterDecision, "registerId" | "fromMs" | "toMs" | "evidence">;

const LIST = sqlText(import.meta.url, "./list-decisions.sql");
const SLIPS = sqlText(import.meta.url, "./list-unit-slips.sql");

type Row = {
  register_id: number;
  from_ms: number;
  to_ms: number;
  kind: RegisterState;
  from_index: string;
  to_index: string;
  ruling_id: number | null;
  evidence: Record<string, string | number>;
};

/** Those that touch each span. */
export async function listDecisions(db: Db, spans: readonly RegisterSpan[]): Promise<RegisterDecision[]> {
  const { rows } = await db.query<Row>({
    name: "list-decisions",
    text: LIST,
    values: [
      spans.map((span) => span.registerId),
      spans.map((span) => new Date(span.fromMs)),
      spans.map((span) => new Date(span.toMs)),
    ],
  });
  return rows.map((row) => ({
    registerId: row.register_id,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    kind: row.kind,
    fromIndex: row.from_index,
    toIndex: row.to_index,
    rulingId: row.ruling_id,
    evidence: row.evidence,
  }));
}

/**
 * A slip begins with a reading that counts and ends with one: within four steps to either side there are two of them, and nothing
 * looks further.
 */
export const SLIP_EDGES_AROUND = 4;

/**
 * By which the unit of a register slips within each span, and by which it is the right one again (`SLIP_RULES`), with
 * `SLIP_EDGES_AROUND` before and behind it; oldest first.
 */
export async function listUnitSlips(db: Db, spans: readonly RegisterSpan[]): Promise<UnitSlipEdge[]> {
  const { rows } = await db.query<Pick<Row, "register_id" | "from_ms" | "to_ms" | "evidence">>({
    name: "list-unit-slips",
    text: SLIPS,
    values: [
      spans.map((span) => span.registerId),
      spans.map((span) => new Date(span.fromMs)),
      spans.map((span) => new Date(span.toMs)),
      SLIP_EDGES_AROUND,
    ],
  });
  return rows.map(({ register_id: registerId, from_ms: fromMs, to_ms: toMs, evidence }) => ({
    registerId,
    fromMs,
    toMs,
    evidence,
  }));
}

export async function saveDecisions(
  client: PoolClient,
  remove: readonly Pick<RegisterDecision, "registerId" | "fromMs" | "toMs">[],
  add: readonly RegisterDecision[],
): Promise<void> {
  if (remove.length > 0) {
    await client.query({
      name: "remove-decisions",
      text: `delete from register_decision d
        using unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as gone (register_id, from_at, to_at)
        where d.register_id = gone.register_id and d.from_at = gone.from_at and d.to_at = gone.to_at`,
      values: [
        remove.map((decision) => decision.registerId),
        remove.map((decision) => new Date(decision.fromMs)),
        remove.map((decision) => new Date(decision.toMs)),
      ],
    });
  }
  if (add.length > 0) {
    await client.query({
      name: "add-decisions",
      text: `insert into register_decision
          (register_id, from_at, to_at, kind, from_index, to_index, ruling_id, evidence)
        select *
        from unnest(
          $1::integer[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::numeric[], $6::numeric[], $7::integer[],
          $8::jsonb[]
        )`,
      values: [
        add.map((decision) => decision.registerId),
        add.map((decision) => new Date(decision.fromMs)),
        add.map((decision) => new Date(decision.toMs)),
        add.map((decision) => decision.kind),
        add.map((decision) => decision.fromIndex),
        add.map((decision) => decision.toIndex),
        add.map((decision) => decision.rulingId),
        add.map((decision) => JSON.stringify(decision.evidence)),
      ],
    });
  }
}

export type DecisionRecord = Omit<RegisterDecision, "registerId" | "fromMs" | "toMs"> & {
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly decidedAt: Date;
};

/** The decisions about a register that touch [from, to), newest first, after `after` of them. */
export async function findDecisions(
  db: Db,
  scope: Scope,
  registerId: number,
  span: { readonly fromMs: number; readonly toMs: number },
  page: { readonly after: number; readonly limit: number },
): Promise<DecisionRecord[]> {
  return scoped<DecisionRecord>(
    db,
    scope,
    `
    select
      d.from_at as "fromAt", d.to_at as "toAt", d.kind, d.from_index::text as "fromIndex", d.to_index::text as "toIndex",
      d.ruling_id as "rulingId", d.evidence, d.decided_at as "decidedAt"
    from register_decision d
    join seen_register seen on seen.id = d.register_id
    where d.register_id = $2
      and d.from_at < $4
      and (d.to_at > $3 or d.from_at = $3)
    order by d.from_at desc, d.to_at desc
    offset $5
    limit $6`,
    [registerId, new Date(span.fromMs), new Date(span.toMs), page.after, page.limit],
  );
}
