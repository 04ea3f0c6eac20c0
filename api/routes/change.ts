// Why a number changed: which quarter-hours of a supply point or a building were shown otherwise before, since when, and by what.
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QUARTER_STATUSES, type Role } from "#devices/vocabulary";
import {
  carrierQuantity,
  changedSlots,
  findBuilding,
  findSupplyPoint,
  listLoadChanges,
  listMeasuredPoints,
  listPointChanges,
  type LoadChange,
  type PointChange,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { listed, pageRequest } from "../identifier.ts";
import {
  BuildingLoadChangeList,
  BuildingLoadChangeQuery,
  LoadChangeList,
  LoadChangeQuery,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf, type Span } from "../span.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
const DAYS_MAX = 400;
/** A change is of a day: of up to 96 quarter-hours. */
const DAYS_PER_PAGE = 100;
const INT4_BYTES = 4;

export function changeRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/supply-points/:id/changes",
    {
      config: { access: { roles: TENANTS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Why a number changed: what quarter-hours were before, and since when they are otherwise",
        description:
          "Of quarter-hours that had a value, and got another one or lost it. `layer` is what changed: what registers measured, what was estimated where they did not, or imported history; a load shows of each quarter-hour the best. `before` and `after` are what the register showed, measured or estimated: a measurement that takes the place of an estimate is one change. `revision` counts those of the register's day, or of the imported day. `cause`: `readings` came late or were corrected; a rule changed by which they are judged (`rule_changed`), or somebody ruled (`ruling`); an estimate was made or taken back; an import was committed. In the order in which it happened; a page is at most 100 days of changes.",
        tags: ["Load"],
        querystring: LoadChangeQuery,
        response: { 200: ref(LoadChangeList) },
      },
    },
    async (request) => {
      const supplyPoint = found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)));
      const span = spanOf(request.query, supplyPoint.timezone, DAYS_MAX);
      const { after, limit } = pageRequest(request.query);
      const rows = await listLoadChanges(
        pool,
        supplyPoint.id,
        { ...span, direction: request.query.direction ?? "import" },
        { after, limit: Math.min(limit, DAYS_PER_PAGE) + 1 },
      );
      const shown = rows.slice(0, Math.min(limit, DAYS_PER_PAGE));
      const next = rows.length > shown.length ? shown.at(-1)?.id : undefined;
      const page = listed({ items: shown, next }, (change) => presentChange(change, span));
      return { ...page, unit: carrierQuantity(supplyPoint.carrier).unit, items: page.items.flat() };
    },
  );

  app.get(
    "/v1/buildings/:id/changes",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "Why a building's numbers changed, as far as I may see its supply points one by one",
        description:
          "As of a supply point, of all those whose load I may see, the newest change first. Quarter-hours whose status alone changed are left out. A page is at most 100 days of changes, and the rest of the change that it ends with.",
        tags: ["Load"],
        querystring: BuildingLoadChangeQuery,
        response: { 200: ref(BuildingLoadChangeList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const building = found(await findBuilding(pool, scope, idOf(request)));
      const { carrier = "electricity", direction = "import" } = request.query;
      const span = spanOf(request.query, building.timezone, DAYS_MAX);
      const { after: before, limit } = pageRequest(request.query);
      const { points } = await listMeasuredPoints(pool, scope, building.id, carrier);
      const { changes, next } = await listPointChanges(
        pool,
        points.map(({ id }) => id),
        { ...span, direction },
        { before, limit: Math.min(limit, DAYS_PER_PAGE) },
      );
      const page = listed({ items: changes, next }, (change) => presentPointChange(change, span));
      return { ...page, unit: carrierQuantity(carrier).unit, items: page.items.flat() };
    },
  );
}

function presentPointChange(change: PointChange, span: Span) {
  const supplyPointId = String(change.supplyPointId);
  return presentChange(change, span)
    .filter(({ before, after }) => before.value !== after.value)
    .map((quarter) => ({ supplyPointId, ...quarter }));
}

function presentChange(change: LoadChange, span: Span) {
  const { layer, registerId, importId, day, changedAt, cause, revision, before, after } = change;
  const fromMs = Math.max(span.fromMs, change.fromMs);
  const toMs = Math.min(span.toMs, change.toMs);
  return changedSlots(before, after).flatMap((slot) => {
    const startMs = day * DAY_MS + slot * QUARTER_MS;
    if (startMs < fromMs || startMs >= toMs) return [];
    return {
      from: new Date(startMs).toISOString(),
      to: new Date(startMs + QUARTER_MS).toISOString(),
      at: changedAt.toISOString(),
      layer,
      cause,
      revision,
      registerId: registerId === null ? null : String(registerId),
      importId: importId === null ? null : String(importId),
      before: valueAt(before, slot),
      after: valueAt(after, slot),
    };
  });
}

function valueAt({ quarters, statuses }: LoadChange["before"], slot: number) {
  const code = statuses[slot] ?? 0;
  const status = QUARTER_STATUSES[code] ?? "missing";
  return { value: code === 0 ? null : quarters.readInt32LE(slot * INT4_BYTES), status };
}
