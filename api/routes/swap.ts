// Meters swapped at a supply point: recorded, suspected, dismissed and taken back.
import type { Role } from "#devices/vocabulary";
import {
  dismissSwap,
  findBuilding,
  findRecordedSwaps,
  findSuspectedSwaps,
  holdRegisters,
  inTransaction,
  listMeasuredPoints,
  listSwapRegisters,
  recordSwap,
  withdrawSwap,
  type Db,
  type Scope,
  type Swap as SwapRow,
  type SwapRefusal,
} from "#store";
import { found, idOf, notFound, viewerOf } from "../access.ts";
import { identifierIn, invalid } from "../identifier.ts";
import {
  BuildingSwaps,
  DismissedSwap,
  NewMeterSwap,
  NewSwap,
  Nothing,
  Swap,
  SwapList,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";
import { refused } from "./ruling.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const READERS: readonly Role[] = ["admin", "coordinator", "manager"];

const REFUSALS: Readonly<Record<SwapRefusal, string>> = {
  old_register_unknown: "The old register does not measure this supply point.",
  new_register_unknown:
    "The new register does not measure this supply point from then on, nor is it free on a device that does.",
  old_not_in_force: "The old register did not measure this supply point at that instant.",
  registers_differ: "The two registers do not count the same quantity in the same direction.",
  closing_behind_reading: "The old meter had already shown more than the closing index before that instant.",
  opening_ahead_of_reading: "The new meter still showed less than the opening index after that instant.",
  swap_too_close: "Another swap of one of these registers lies within a quarter of an hour.",
};

const SWAPPED = "Meter swapped.";

export function swapRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/supply-points/:id/swaps",
    {
      config: { access: { roles: READERS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Meters that were swapped here, and those that seem to have been",
        description:
          "`suspected`: another serial speaks since the one before is silent, or an index fell to another level. Filled in from the readings: correct what the paper says, and post it.",
        tags: ["Supply points"],
        response: { 200: ref(SwapList) },
      },
    },
    async (request) => {
      const id = idOf(request);
      return { items: await swapsOf(pool, viewerOf(request).scope, [id]), nextCursor: null };
    },
  );

  app.get(
    "/v1/buildings/:id/swaps",
    {
      config: { access: { roles: READERS, sees: ["building", "id"] } },
      schema: {
        summary: "The same of all of a building's supply points whose load I may see",
        tags: ["Supply points"],
        response: { 200: ref(BuildingSwaps) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const building = found(await findBuilding(pool, scope, idOf(request)));
      const { points, withheld } = await listMeasuredPoints(pool, scope, building.id);
      const ids = points.map(({ id }) => id);
      return { items: await swapsOf(pool, scope, ids), withheld };
    },
  );

  app.post(
    "/v1/supply-points/:id/swaps",
    {
      config: { access: { roles: KEEPERS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Record that a meter was swapped; the history of the supply point goes on",
        description:
          "Closes the old register's assignment and opens the new one's, both at this instant, and computes the profile anew: the quarter-hour of the swap is complete. The same again changes nothing (200); other indices at the same instant correct it (200).",
        tags: ["Supply points"],
        body: ref(NewSwap),
        response: { 200: ref(Swap), 201: ref(Swap) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const supplyPointId = idOf(request);
      const atMs = pastInstant(body.at, scope.atMs);
      const { swap, isNew } = await inTransaction(pool, async (client) => {
        const registers =
          body.oldRegisterId === undefined
            ? await registersOf(client, supplyPointId)
            : { oldRegisterId: identifierIn(body.oldRegisterId, "/oldRegisterId"), newRegisterId: undefined };
        const { oldRegisterId } = registers;
        const newRegisterId =
          body.newRegisterId === undefined
            ? (registers.newRegisterId ?? oldRegisterId)
            : identifierIn(body.newRegisterId, "/newRegisterId");
        const result = await recordSwap(client, scope, {
          supplyPointId,
          atMs,
          closingIndex: body.closingIndex,
          openingIndex: body.openingIndex,
          oldRegisterId,
          newRegisterId,
          reason: body.reason ?? SWAPPED,
        });
        if (!("id" in result)) throw refused(result.outcome, REFUSALS[result.outcome]);
        const recorded = await findRecordedSwaps(client, scope, [supplyPointId]);
        return {
          swap: found(recorded.find(({ id }) => id === result.id)),
          isNew: result.outcome === "recorded",
        };
      });
      void reply.code(isNew ? 201 : 200);
      return presentSwap(swap);
    },
  );

  app.post(
    "/v1/supply-points/:id/meter-swaps",
    {
      config: { access: { roles: KEEPERS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Record that a whole meter was swapped: all of its registers, or none",
        description:
          "As one swap for each register, in one step: those that are named, or all suspected ones of a `key`. A refusal says in `registerId` which old register it is about, and nothing is recorded. The same again changes nothing; other indices at the same instant correct it.",
        tags: ["Supply points"],
        body: ref(NewMeterSwap),
        response: { 200: ref(SwapList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const supplyPointId = idOf(request);
      const suspected = body.key === undefined ? [] : await suspectedOf(pool, supplyPointId, body.key);
      const [first] = suspected;
      if (body.at === undefined && first === undefined)
        throw invalid("/at", "is needed where no key says which meter it was");
      const atMs = body.at === undefined ? (first?.atMs ?? 0) : pastInstant(body.at, scope.atMs);
      const registers = (body.registers === undefined ? suspected : body.registers.map(namedRegister))
        .toSorted((one, other) => one.oldRegisterId - other.oldRegisterId)
        .map(({ oldRegisterId, newRegisterId, closingIndex, openingIndex }) => ({
          oldRegisterId,
          newRegisterId,
          closingIndex,
          openingIndex,
        }));
      if (registers.length === 0) throw invalid("/registers", "are needed where no key says which");
      if (new Set(registers.map(({ oldRegisterId }) => oldRegisterId)).size < registers.length)
        throw invalid("/registers", "name an old register twice");
      const swaps = await inTransaction(pool, async (client) => {
        await holdRegisters(
          client,
          registers.flatMap(({ oldRegisterId, newRegisterId }) => [oldRegisterId, newRegisterId]),
        );
        const ids: number[] = [];
        for (const register of registers) {
          const swap = { supplyPointId, atMs, ...register, reason: body.reason ?? SWAPPED };
          const result = await recordSwap(client, scope, swap);
          if (!("id" in result)) {
            const about = { registerId: String(register.oldRegisterId) };
            throw refused(result.outcome, REFUSALS[result.outcome], about);
          }
          ids.push(result.id);
        }
        const recorded = await findRecordedSwaps(client, scope, [supplyPointId]);
        return recorded.filter(({ id }) => id !== null && ids.includes(id));
      });
      return { items: swaps.map(presentSwap), nextCursor: null };
    },
  );

  app.delete(
    "/v1/supply-points/:id/swaps/:swapId",
    {
      config: { access: { roles: KEEPERS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Take a recorded swap back: the assignments are as they were before it",
        tags: ["Supply points"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const withdrawn = await inTransaction(pool, (client) =>
        withdrawSwap(client, scope, idOf(request), idOf(request, "swapId")),
      );
      if (!withdrawn) throw notFound();
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/supply-points/:id/swaps/dismissals",
    {
      config: { access: { roles: KEEPERS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary:
          "Say that two registers are no swap, or all registers of a suspected meter: it is not suspected any more",
        tags: ["Supply points"],
        body: ref(DismissedSwap),
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const supplyPointId = idOf(request);
      const pairs =
        body.key === undefined
          ? [
              {
                oldRegisterId: identifierIn(body.oldRegisterId ?? "", "/oldRegisterId"),
                newRegisterId: identifierIn(body.newRegisterId ?? "", "/newRegisterId"),
              },
            ]
          : await suspectedOf(pool, supplyPointId, body.key);
      const fall = pairs.find(({ oldRegisterId, newRegisterId }) => oldRegisterId === newRegisterId);
      if (fall !== undefined) {
        const detail = `An index that fell within one register is not dismissed but ruled: POST /v1/registers/${fall.oldRegisterId}/rulings.`;
        throw refused("registers_are_one", detail);
      }
      await inTransaction(pool, async (client) => {
        for (const pair of pairs) {
          if (!(await dismissSwap(client, scope, supplyPointId, pair)))
            throw refused("old_register_unknown", "These are not two registers of this supply point.");
        }
      });
      return reply.code(204).send(null);
    },
  );
}

/** Those of one meter; a key is of the moment at which it was shown. */
async function suspectedOf(db: Db, supplyPointId: number, key: string): Promise<SwapRow[]> {
  const found = (await findSuspectedSwaps(db, [supplyPointId])).filter((swap) => swap.key === key);
  if (found.length === 0)
    throw refused("not_suspected", "No swap with this key is suspected here any more; look again.");
  return found;
}

function namedRegister(
  named: { oldRegisterId: string; newRegisterId?: string; closingIndex: string; openingIndex: string },
  place: number,
) {
  const { oldRegisterId, newRegisterId = oldRegisterId, closingIndex, openingIndex } = named;
  return {
    oldRegisterId: identifierIn(oldRegisterId, `/registers/${place}/oldRegisterId`),
    newRegisterId: identifierIn(newRegisterId, `/registers/${place}/newRegisterId`),
    closingIndex,
    openingIndex,
  };
}

async function swapsOf(db: Db, scope: Scope, supplyPointIds: readonly number[]) {
  const recorded = await findRecordedSwaps(db, scope, supplyPointIds);
  return [...recorded, ...(await findSuspectedSwaps(db, supplyPointIds))].map(presentSwap);
}

function pastInstant(text: string, nowMs: number): number {
  const atMs = instantIn(text, "/at");
  if (atMs > nowMs) throw invalid("/at", "lies ahead");
  return atMs;
}

type Registers = { readonly oldRegisterId: number; readonly newRegisterId: number | undefined };

/** What can only be meant: the one suspected swap, or else the one main register there is. */
async function registersOf(db: Db, supplyPointId: number): Promise<Registers> {
  const suspected = (await findSuspectedSwaps(db, [supplyPointId])).filter(
    ({ oldRegisterId, newRegisterId }) => oldRegisterId !== newRegisterId,
  );
  const [only] = suspected;
  if (only !== undefined && suspected.length === 1) return only;
  const mains = new Set(
    (await listSwapRegisters(db, [supplyPointId])).filter(({ role }) => role === "main").map(({ id }) => id),
  );
  const [one] = mains;
  if (one === undefined) throw refused("old_register_unknown", "No register measures this supply point.");
  if (mains.size > 1) {
    throw invalid("/oldRegisterId", "is needed: several registers measure this supply point");
  }
  return { oldRegisterId: one, newRegisterId: undefined };
}

function presentSwap(row: SwapRow) {
  return {
    id: row.id === null ? null : String(row.id),
    key: row.key,
    supplyPointId: String(row.supplyPointId),
    state: row.id === null ? ("suspected" as const) : ("recorded" as const),
    at: new Date(row.atMs).toISOString(),
    since: row.sinceMs === null ? null : new Date(row.sinceMs).toISOString(),
    oldRegisterId: String(row.oldRegisterId),
    newRegisterId: String(row.newRegisterId),
    oldEquipmentId: row.oldEquipmentId,
    newEquipmentId: row.newEquipmentId,
    name: row.name,
    tariff: row.tariff,
    direction: row.direction,
    closingIndex: row.closingIndex,
    closingUnit: row.closingUnit,
    openingIndex: row.openingIndex,
    openingUnit: row.openingUnit,
  };
}
