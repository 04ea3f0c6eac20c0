// The live stream of a building: first the latest value of every register, then each as it comes.
import { KoproError } from "#devices/error";
import { DAY_MS, SECOND_MS } from "#devices/time";
import type { Role } from "#devices/vocabulary";
import { latestReadings, measuredDeviceIds, measuredRegisterIds, type LiveEntry } from "#store";
import { idOf, viewerOf } from "../access.ts";
import { viewerWith, type Viewer } from "../authentication.ts";
import { openEventStream, type EventStream } from "../event-stream.ts";
import type { Metrics } from "../metrics.ts";
import type { Api, FastifyReply, Services } from "../services.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

const HEARTBEAT_MS = 15 * SECOND_MS;
const LATEST_WITHIN_MS = DAY_MS;
const STREAMS_MAX = 2000;
const STREAMS_OF_ACCOUNT_MAX = 20;

type Stream = {
  readonly accountId: number;
  readonly end: () => void;
};

export function liveRoutes(app: Api, services: Services, metrics: Metrics): void {
  const streams = new Set<Stream>();
  // `close()` would wait for open streams for ever; browsers come back by themselves.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });

  app.get(
    "/v1/buildings/:id/live",
    {
      // A HEAD request would hold a stream that nobody reads.
      exposeHeadRoute: false,
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "Live values as server-sent events",
        description:
          "Events named `reading`, each with a `LiveReading` as data: first the latest value of every register that I may see, then every newer value as it arrives: history that is told late is not live. A client that reads too slowly is disconnected; reconnecting brings the latest values again.",
        tags: ["Load"],
        response: {
          200: { description: "Events.", content: { "text/event-stream": { schema: { type: "string" } } } },
        },
      },
    },
    async (request, reply) => {
      const viewer = viewerOf(request);
      refuseTooMany(streams, viewer.scope.accountId);
      const buildingId = idOf(request);
      const visible = await Visible.of(services, viewer, buildingId);
      await run({ buildingId, visible, viewer, reply });
      return reply;
    },
  );

  async function run(stream: {
    buildingId: number;
    visible: Visible;
    viewer: Viewer;
    reply: FastifyReply;
  }): Promise<void> {
    const { buildingId, visible, viewer, reply } = stream;
    // From here on, so that nothing falls between the latest values and the first event.
    const early: LiveEntry[] = [];
    let deliver = (entries: readonly LiveEntry[]): void => void early.push(...entries);
    const leave = services.live.listen(buildingId, (entries) => deliver(entries));
    let latest: LiveEntry[];
    try {
      latest = await visible.latest();
    } catch (error) {
      leave();
      throw error;
    }
    reply.hijack();
    const events = openEventStream(reply.raw, reply.getHeaders(), () => {
      metrics.liveDropped.inc({ why: "slow" });
      services.log.info({ buildingId }, "a live stream was ended: its reader is too slow");
    });
    const newest = newestOnly();
    deliver = (entries) => sendVisible(events, visible, entries.filter(newest));
    deliver([...latest, ...early]);

    const refused = (): void => {
      metrics.liveDropped.inc({ why: "forbidden" });
      events.end();
    };
    const heartbeat = setInterval(() => events.beat(), HEARTBEAT_MS);
    const recheck = setInterval(() => void visible.refresh(refused), services.recheckMs);
    const entry: Stream = { accountId: viewer.scope.accountId, end: () => events.end() };
    streams.add(entry);
    metrics.liveClients.set(streams.size);
    reply.raw.on("close", () => {
      clearInterval(heartbeat);
      clearInterval(recheck);
      leave();
      streams.delete(entry);
      metrics.liveClients.set(streams.size);
    });
  }
}

function sendVisible(events: EventStream, visible: Visible, entries: readonly LiveEntry[]): void {
  const seen = entries.filter((entry) => visible.has(entry.registerId));
  events.send("reading", seen.map(presentLive));
}

/** Passes what is not older than what it has passed of the same register. */
function newestOnly(): (entry: LiveEntry) => boolean {
  const passed = new Map<number, number>();
  return ({ registerId, observedAt }) => {
    const atMs = Date.parse(observedAt);
    if (atMs < (passed.get(registerId) ?? -Infinity)) return false;
    passed.set(registerId, atMs);
    return true;
  };
}

function presentLive(entry: LiveEntry) {
  return {
    registerId: String(entry.registerId),
    deviceId: String(entry.deviceId),
    supplyPointId: entry.supplyPointId === null ? null : String(entry.supplyPointId),
    name: entry.name,
    quantity: entry.quantity,
    unit: entry.unit,
    value: entry.value,
    observedAt: entry.observedAt,
  };
}

function refuseTooMany(streams: ReadonlySet<Stream>, accountId: number): void {
  const own = [...streams].filter((stream) => stream.accountId === accountId).length;
  if (streams.size >= STREAMS_MAX || own >= STREAMS_OF_ACCOUNT_MAX) {
    throw new KoproError("too_many_requests", "Too many live streams are open; close one first.");
  }
}

/** What one viewer may see of one building, renewed while the stream is open. */
class Visible {
  static async of(services: Services, viewer: Viewer, buildingId: number): Promise<Visible> {
    const visible = new Visible(services, viewer, buildingId);
    await visible.load(viewer);
    return visible;
  }

  readonly #services: Services;
  readonly #tokenHash: Buffer;
  readonly #buildingId: number;
  #viewer: Viewer;
  #registers: ReadonlySet<number> = new Set();

  private constructor(services: Services, viewer: Viewer, buildingId: number) {
    this.#services = services;
    this.#viewer = viewer;
    this.#tokenHash = viewer.tokenHash;
    this.#buildingId = buildingId;
  }

  has(registerId: number): boolean {
    return this.#registers.has(registerId);
  }

  async latest(): Promise<LiveEntry[]> {
    const { pool, time } = this.#services;
    const devices = await measuredDeviceIds(pool, this.#viewer.scope, this.#buildingId);
    return latestReadings(pool, devices, time.now() - LATEST_WITHIN_MS);
  }

  /** With the database away, what was allowed stays allowed for one more round. */
  async refresh(refused: () => void): Promise<void> {
    try {
      const viewer = await viewerWith(this.#tokenHash, this.#services);
      if (viewer === undefined) return refused();
      await this.load(viewer);
    } catch (error) {
      this.#services.log.warn({ err: error }, "a live stream's rights could not be checked again");
    }
  }

  private async load(viewer: Viewer): Promise<void> {
    this.#viewer = viewer;
    this.#registers = new Set(await measuredRegisterIds(this.#services.pool, viewer.scope, this.#buildingId));
  }
}
