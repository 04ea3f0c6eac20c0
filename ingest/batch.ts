// The messages that go to the store in one transaction.
import type { Rejection } from "#devices/reading";
import { QUARTER_MS, SECOND_MS, utcDayNumber } from "#devices/time";
import { staleDays, type JournalTouch, type RawMessage, type ReadingBatch, type RowBuffer } from "#store";
import { Carriage } from "./carriage.ts";
import type { LayoutState } from "./device-state.ts";
import type { Ticket } from "./ticket.ts";

export class Batch implements ReadingBatch {
  readonly instance: string;
  readonly carriage = new Carriage();
  readonly rows: RowBuffer;
  readonly tickets: Ticket[] = [];
  readonly messages: RawMessage[] = [];
  readonly rowEnds: number[] = [];
  readonly rejections: (Rejection | undefined)[] = [];
  readonly touches: JournalTouch[] = [];
  replays = false;
  #quarantinedBytes = 0;

  constructor(rows: RowBuffer, instance = "ingest") {
    this.rows = rows;
    this.instance = instance;
  }

  get byteLength(): number {
    return this.rows.byteLength + this.#quarantinedBytes;
  }

  /** Notes which days a row makes stale: its own, and a neighbour whose boundary it helps to interpolate. */
  touch(layout: LayoutState, observedAtMs: number, receivedAtMs: number): void {
    if (layout.journalled.length === 0) return;
    const rowDay = utcDayNumber(observedAtMs);
    const { fromDay, toDay } = staleDays(observedAtMs, layout.interpolateMaxMs / SECOND_MS);
    const late = receivedAtMs - observedAtMs > QUARTER_MS;
    const known =
      layout.touchedBy === this.carriage &&
      layout.touchedRowDay === rowDay &&
      layout.touchedFromDay <= fromDay &&
      layout.touchedToDay >= toDay &&
      (layout.touchedLate || !late);
    if (known) return;
    layout.touchedBy = this.carriage;
    layout.touchedRowDay = rowDay;
    layout.touchedFromDay = fromDay;
    layout.touchedToDay = toDay;
    layout.touchedLate = late;
    this.touches.push({ layoutId: layout.id, registerIds: layout.journalled, rowDay, fromDay, toDay, late });
  }

  /** Ends a message: the rows added since the last one are its own. */
  endMessage(ticket: Ticket, rejection: Rejection | undefined): void {
    this.tickets.push(ticket);
    this.messages.push(ticket.message);
    this.rowEnds.push(this.rows.rowCount);
    this.rejections.push(rejection);
    if (ticket.message.replayOf !== undefined) this.replays = true;
    if (rejection !== undefined) this.#quarantinedBytes += ticket.message.payload.length;
    ticket.travel(this.carriage);
  }
}
