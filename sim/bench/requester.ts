// The load of the query benchmark as a process of its own: requests at a given rate, whether the answers come or not.
//
// An open loop: each request has its time, and its latency counts from then on, also the wait that a slow answer before it
// causes. A generator that waits for answers would ask less of a server the slower that is.
import { Agent, request } from "node:http";
import { createRandom, type Random } from "../world/random.ts";

export type Asked = { readonly path: string; readonly token: string | undefined; readonly weight: number };

export type RequesterTask = {
  readonly url: string;
  readonly requests: readonly Asked[];
  /** Requests per second, at random instants (Poisson). */
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly seed: number;
};

export type RequesterResult = {
  /** Answered with a success, of those due within the measured time. */
  readonly answered: number;
  readonly failed: number;
  /** The first failure, in words. */
  readonly failure: string | undefined;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Share of a core that this process used. */
  readonly cpuCores: number;
};

const CONNECTIONS_MAX = 128;
/** Whoever is so far behind does not catch up: the step ends. */
const PENDING_MAX = 4000;

type Tally = { readonly latencies: number[]; failed: number; failure: string | undefined; pending: number };

async function run(task: RequesterTask): Promise<RequesterResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const random = createRandom(task.seed);
  const tally: Tally = { latencies: [], failed: 0, failure: undefined, pending: 0 };
  const startedMs = performance.now();
  const measuredFromMs = startedMs + task.warmUpMs;
  const endMs = measuredFromMs + task.measureMs;
  const cpu = process.cpuUsage();
  let dueMs = startedMs;
  while (dueMs < endMs && tally.pending < PENDING_MAX) {
    const nowMs = performance.now();
    for (; dueMs <= nowMs && dueMs < endMs; dueMs += gapMs(random, task.rate)) {
      ask(agent, task.url, drawn(task.requests, random), dueMs, dueMs >= measuredFromMs, tally);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuCores = (user + system) / 1000 / (performance.now() - startedMs);
  while (tally.pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  agent.destroy();
  const { latencies, failed, failure } = tally;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? Infinity;
  return { answered: latencies.length, failed, failure, p50: at(0.5), p99: at(0.99), cpuCores };
}

/** Exponential: requests of many people are independent of each other. */
const gapMs = (random: Random, rate: number) => (-Math.log(1 - random.next()) * 1000) / rate;

function drawn(requests: readonly Asked[], random: Random): Asked {
  let left = random.next() * requests.reduce((sum, { weight }) => sum + weight, 0);
  const found = requests.find(({ weight }) => (left -= weight) < 0) ?? requests[0];
  if (found === undefined) throw new Error("there is nothing to ask");
  return found;
}

function ask(
  agent: Agent,
  url: string,
  asked: Asked,
  dueMs: number,
  isMeasured: boolean,
  tally: Tally,
): void {
  const fail = (words: string) => {
    tally.failed++;
    tally.failure ??= `${asked.path}: ${words}`;
  };
  tally.pending++;
  const sent = request(new URL(asked.path, url), {
    agent,
    headers: {
      accept: "application/json",
      "accept-encoding": "gzip",
      ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
    },
  });
  sent.on("response", (response) => {
    response.resume();
    response.on("end", () => {
      tally.pending--;
      if (response.statusCode !== 200) fail(`answered ${response.statusCode}`);
      else if (isMeasured) tally.latencies.push(performance.now() - dueMs);
    });
  });
  sent.on("error", (error) => {
    tally.pending--;
    fail(error.message);
  });
  sent.end();
}

process.once("message", (task) => {
  void run(task as RequesterTask).then((result) => process.send?.(result, () => process.exit(0)));
});
