// The processes of a load, led together: orders go to all of them, their reports come back as one.
import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { partOf, type Fleet } from "./fleet.ts";
import { LatencyCounts } from "./latency-counts.ts";
import type { LoadTarget } from "./load-connection.ts";
import type { LoadOrder, LoadReport, Storm } from "./load-messages.ts";
import { sharedPlan, type RatePlan } from "./rate-plan.ts";

/** What all processes report together; counts are since the order began. */
export type CrewReport = Omit<LoadReport, "done" | "latencies" | "keptOf"> & {
  /** From when a message was due to its PUBACK, since the order began. */
  readonly latencies: LatencyCounts;
  /** The same, of those acknowledged since the last report. */
  readonly latest: LatencyCounts;
};

export type Crew = {
  readonly connect: () => Promise<CrewReport>;
  readonly introduce: () => Promise<CrewReport>;
  readonly play: (play: {
    readonly plan: RatePlan;
    readonly storms?: readonly Storm[];
    readonly drainMs: number;
    /** Each second. */
    readonly onReport?: (report: CrewReport) => void;
  }) => Promise<CrewReport>;
  /** How many kept times each of these meters was acknowledged for: those whose number is divisible by this. */
  readonly keptOf: (everyNth: number) => Promise<Map<number, number>>;
  /** The latest, since the order began. */
  readonly report: () => CrewReport;
  /** Closes all connections. */
  readonly end: () => Promise<void>;
};

export type CrewOptions = {
  readonly fleet: Fleet;
  readonly target: LoadTarget;
  readonly processes: number;
  readonly seed: number;
  /** Each second while an order is carried out. */
  readonly onReport?: (report: CrewReport) => void;
};

type Member = { readonly child: ChildProcess; report: LoadReport | undefined };

export function startCrew({ fleet, target, processes, seed, onReport }: CrewOptions): Crew {
  const run = randomBytes(4).toString("hex");
  const file = fileURLToPath(new URL("./load-part.ts", import.meta.url));
  const members: Member[] = Array.from({ length: processes }, () => ({
    child: fork(file),
    report: undefined,
  }));
  let latencies = new LatencyCounts();
  let latest = new LatencyCounts();

  const carryOut = async (
    orderOf: (part: number) => LoadOrder,
    onEach?: (report: CrewReport) => void,
  ): Promise<CrewReport> => {
    latencies = new LatencyCounts();
    const ended = members.map((member, part) => {
      member.report = undefined;
      member.child.send(orderOf(part));
      return untilDone(member, (report) => {
        member.report = report;
        latencies.addTaken(report.latencies);
        latest.addTaken(report.latencies);
      });
    });
    const timer = setInterval(() => {
      const now = together();
      onReport?.(now);
      onEach?.(now);
      latest = new LatencyCounts();
    }, 1000);
    try {
      await Promise.all(ended);
    } finally {
      clearInterval(timer);
    }
    return together();
  };
  const together = (): CrewReport => ({ ...sumOf(members), latencies, latest });
  return {
    connect: () =>
      carryOut((part) => ({
        order: "connect",
        fleet: partOf(fleet, part, processes),
        target,
        run,
        seed: seed + part,
      })),
    introduce: () => carryOut(() => ({ order: "introduce" })),
    play: ({ plan, storms = [], drainMs, onReport: onEach }) =>
      carryOut(() => ({ order: "play", plan: sharedPlan(plan, processes), storms, drainMs }), onEach),
    keptOf: async (everyNth) => {
      await carryOut(() => ({ order: "tell", everyNth }));
      return new Map(members.flatMap(({ report }) => report?.keptOf ?? []));
    },
    report: together,
    end: async () => {
      await Promise.all(members.map(({ child }) => ended(child)));
    },
  };
}

function untilDone({ child }: Member, take: (report: LoadReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`a process of the load ended with ${code}`));
    const hear = (message: unknown) => {
      const report = message as LoadReport;
      take(report);
      if (!report.done) return;
      child.off("message", hear).off("exit", fail);
      resolve();
    };
    child.on("message", hear).on("exit", fail);
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    if (child.connected) child.disconnect();
  });
}

function sumOf(members: readonly Member[]): Omit<CrewReport, "latencies" | "latest"> {
  const reports = members.flatMap(({ report }) => report ?? []);
  const sum = (pick: (report: LoadReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0);
  const errors: Record<string, number> = {};
  for (const report of reports) {
    for (const [what, count] of Object.entries(report.errors)) errors[what] = (errors[what] ?? 0) + count;
  }
  return {
    said: sum(({ said }) => said),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    open: sum(({ open }) => open),
    opened: sum(({ opened }) => opened),
    dropped: sum(({ dropped }) => dropped),
    errors,
    kept: sum(({ kept }) => kept),
    lateMs: Math.max(0, ...reports.map(({ lateMs }) => lateMs)),
    cpuMs: sum(({ cpuMs }) => cpuMs),
  };
}
