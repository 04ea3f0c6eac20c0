// What a change of contract saved: of a building, and of a tender since the delivery began.
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { findBuilding, findTender, type TenderRow } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { showMoney } from "../amount.ts";
import { answerSeries } from "../answer-series.ts";
import { presentMonths, presentSavings, savingsTable } from "../present-saving.ts";
import { FollowUp, FollowUpQuery, Savings, SavingsQuery, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf, type Span } from "../span.ts";
import { visibleSavings } from "../visible-savings.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

const DAYS_MAX = 3_700;
/** Of a whole group: what is read of a thousand buildings has to fit. */
const GROUP_DAYS_MAX = 1_100;

export function savingRoutes(app: Api, services: Services): void {
  buildingSavings(app, services);
  followUp(app, services);
}

function buildingSavings(app: Api, services: Services): void {
  app.get(
    "/v1/buildings/:id/savings",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "What contracts that tenders brought saved a building",
        description:
          "Items of the supply points that I see by themselves; a coordinator those of the tenders it runs, by the tender's own consent. The sums of a manager also hold the private ones, where enough of them share a quarter-hour and those left out are nobody or enough. `withheld` says how many are in neither. `from` and `to`: the whole civil days that are over and counted; the same where there are none. The items as CSV by Accept.",
        tags: ["Savings"],
        querystring: SavingsQuery,
        response: { 200: series(ref(Savings)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { id, timezone } = found(await findBuilding(services.pool, scope, idOf(request)));
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const { currency = "EUR" } = request.query;
      const savings = await visibleSavings(services, scope, {
        buildingId: id,
        currency,
        timezone,
        spanIn: () => span,
      });
      const answer = presentSavings(savings, { currency, asOfMs: services.time.now() });
      return answerSeries(request, reply, answer, savingsTable(`building-${id}`, answer));
    },
  );
}

function followUp(app: Api, services: Services): void {
  app.get(
    "/v1/tenders/:id/follow-up",
    {
      config: { access: { roles: TENANTS, sees: ["tender", "id"] } },
      schema: {
        summary: "What an award saved since the delivery began, by month, beside what was promised",
        description:
          "Coordinators: of all supply points that took part, but those whose consent to the tender was withdrawn. Managers and residents: of their own buildings. `withheld` says of how many nothing is counted; what was promised is told of them all the same, but of households that a manager may not add up. `from` and `to`: the whole civil days that are over and counted. The months as CSV by Accept.",
        tags: ["Tenders"],
        querystring: FollowUpQuery,
        response: { 200: series(ref(FollowUp)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const tender = found(await findTender(services.pool, scope, idOf(request)));
      if (tender.state !== "awarded" && tender.state !== "in_force") throw notAwarded(tender);
      const nowMs = services.time.now();
      const span = followUpSpan(request.query, tender, nowMs);
      const { currency } = tender;
      const savings = await visibleSavings(services, scope, {
        tenderId: tender.id,
        currency,
        timezone: tender.timezone,
        spanIn: () => span,
      });
      const months = presentMonths(savings);
      const answer = {
        ...presentSavings(savings, { currency, asOfMs: nowMs }),
        tenderId: String(tender.id),
        participants: tender.participants,
        promisedAnnualSaving: showMoney(savings.promise.annualMicro),
        promisedToDate: showMoney(savings.promise.toDateMicro),
        months,
      };
      return answerSeries(request, reply, answer, {
        name: `tender-${tender.id}-follow-up`,
        header: ["month", "energy_Wh", "counterfactualCost", "actualCost", "priceEffect", "currency"],
        rows: months.map((month) => [
          month.month,
          month.energyWh,
          month.counterfactualCost,
          month.actualCost,
          month.priceEffect,
          currency,
        ]),
      });
    },
  );
}

function notAwarded({ id, state }: TenderRow): KoproError {
  return new KoproError("state_forbidden", `Tender ${id} is ${state}: there is no award to follow up.`, {
    extra: { reason: "not_awarded" },
  });
}

/** Without bounds: from the delivery start until today, of a long term its last days. Empty before the delivery. */
function followUpSpan(query: { from?: string; to?: string }, tender: TenderRow, nowMs: number): Span {
  const { timezone, deliveryStartsOn } = tender;
  const start = Temporal.PlainDate.from(deliveryStartsOn);
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone).toPlainDate();
  const until = Temporal.PlainDate.compare(today, start) < 0 ? start : today;
  const since = until.subtract({ days: GROUP_DAYS_MAX });
  const first = Temporal.PlainDate.compare(since, start) < 0 ? start : since;
  if (query.from === undefined && query.to === undefined && first.equals(until)) {
    const { epochMilliseconds } = first.toZonedDateTime(timezone);
    return { fromMs: epochMilliseconds, toMs: epochMilliseconds };
  }
  const { from = first.toString(), to = until.toString() } = query;
  return spanOf({ from, to }, timezone, GROUP_DAYS_MAX);
}
