// However messages end, the oldest that is not done is known, and those that are done do not stay.
import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenTickets } from "./open-tickets.ts";
import type { Ticket } from "./ticket.ts";

test("in any order of ending, size and oldest are those of the messages that are left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.infiniteStream(fc.nat()), (count, picks) => {
      const open = new OpenTickets();
      const tickets = Array.from({ length: count }, () => ({ finished: false }) as Ticket);
      for (const ticket of tickets) open.add(ticket);
      const left = new Set(tickets);
      for (let i = 0; i < Math.min(count, 200); i++) {
        const ticket = tickets[(picks.next().value ?? 0) % count];
        if (ticket === undefined || ticket.finished) continue;
        ticket.finished = true;
        left.delete(ticket);
        open.settle();
        expect(open.size).toBe(left.size);
        expect(open.oldest).toBe(left.values().next().value);
      }
      for (const ticket of left) {
        ticket.finished = true;
        open.settle();
      }
      expect([open.size, open.oldest]).toEqual([0, undefined]);
    }),
    { numRuns: 50 },
  );
});
