// A reconnect storm as a process of its own: devices on raw sockets that connect, are answered, and stay.
import { connect, type Socket } from "node:net";
import { generate } from "mqtt-packet";

export type StormTask = {
  readonly host: string;
  readonly port: number;
  readonly devices: readonly { readonly id: string; readonly secret: string }[];
  /** Sockets that wait for their CONNACK at once. */
  readonly atOnce: number;
};

export type StormResult = {
  /** CONNACKs by their code; `closed` for a socket that ended before one. */
  readonly answers: Readonly<Record<string, number>>;
  readonly tookMs: number;
  /** From opening the socket to the CONNACK, in ascending order. */
  readonly latenciesMs: readonly number[];
};

const CODE_AT = 3;
const open: Socket[] = [];

/** The code of the CONNACK, or `closed`. The socket stays open. */
function answerTo(task: StormTask, device: StormTask["devices"][number]): Promise<string> {
  const socket = connect({ host: task.host, port: task.port, noDelay: true });
  open.push(socket);
  socket.write(
    generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 600,
      clientId: `storm-${device.id}`,
      username: device.id,
      password: Buffer.from(device.secret),
    }),
  );
  return new Promise((resolve) => {
    // A CONNACK is four bytes; nobody sends anything else to a device that asked for nothing.
    socket.once("data", (bytes) => resolve(String((bytes as Buffer)[CODE_AT])));
    socket.once("close", () => resolve("closed"));
    socket.on("error", () => resolve("closed"));
  });
}

async function storm(task: StormTask): Promise<StormResult> {
  const answers: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const left = task.devices.values();
  const connectThem = async (): Promise<void> => {
    for (const device of left) {
      const sinceMs = performance.now();
      const answer = await answerTo(task, device);
      latenciesMs.push(performance.now() - sinceMs);
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: task.atOnce }, connectThem));
  return {
    answers,
    tookMs: performance.now() - startedMs,
    latenciesMs: latenciesMs.sort((one, other) => one - other),
  };
}

process.on("message", (task) => {
  void storm(task as StormTask).then((result) => process.send?.(result));
});
// The parent has measured what it wants to: the sockets close with the process.
process.on("disconnect", () => process.exit(0));
