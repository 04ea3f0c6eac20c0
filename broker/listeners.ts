// The doors in the wall: plain TCP, TLS and WebSocket, each handing its streams to the same broker.
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Connection } from "aedes";
import { createWebSocketStream, WebSocketServer, type WebSocket } from "ws";
import type { Config } from "#config";
import { MINUTE_MS } from "#devices/time";

export type Listener = { readonly url: string; readonly close: () => Promise<void> };

export type ListenerConfig = Pick<
  Config,
  "MQTT_HOST" | "MQTT_PORT" | "MQTTS_PORT" | "TLS_CERT_FILE" | "TLS_KEY_FILE" | "MQTT_WS_PORT"
>;

type Bounds = { readonly connectionCountMax: number; readonly packetBytesMax: number };

/** Sockets beyond the bound that still get a polite refusal; above, they are closed at once. */
const REFUSED_POLITELY = 1000;

/** Subprotocols [MQTT-6.0.0-3]; the second is 3.1's. */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"];

/** Opens every listener that the configuration names; on failure none stays open. */
export async function openListeners(
  config: ListenerConfig,
  bounds: Bounds,
  attach: (connection: Connection) => void,
): Promise<{ mqtt: Listener; mqtts?: Listener; ws?: Listener }> {
  const opened: Listener[] = [];
  const open = async (scheme: string, server: Server, port: number): Promise<Listener> => {
    server.maxConnections = bounds.connectionCountMax + REFUSED_POLITELY;
    const listener = await listen(scheme, server, port, config.MQTT_HOST);
    opened.push(listener);
    return listener;
  };
  const attachSocket = (socket: Socket): void => {
    socket.setNoDelay(true);
    // While publishes wait for the store the MQTT keep-alive is suspended: this finds peers that are gone.
    socket.setKeepAlive(true, MINUTE_MS);
    attach(socket);
  };
  try {
    const mqtt = await open("mqtt", createServer(attachSocket), config.MQTT_PORT);
    const tls = tlsOptions(config);
    const mqtts = tls && (await open("mqtts", createTlsServer(tls, attachSocket), config.MQTTS_PORT ?? 0));
    const ws =
      config.MQTT_WS_PORT === undefined
        ? undefined
        : await open("ws", webSocketServer(bounds, attach), config.MQTT_WS_PORT);
    return { mqtt, ...(mqtts ? { mqtts } : {}), ...(ws ? { ws } : {}) };
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    throw error;
  }
}

function tlsOptions(
  config: ListenerConfig,
): { cert: Buffer; key: Buffer; minVersion: "TLSv1.2" } | undefined {
  const { MQTTS_PORT, TLS_CERT_FILE, TLS_KEY_FILE } = config;
  if (MQTTS_PORT === undefined || TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return undefined;
  return { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE), minVersion: "TLSv1.2" };
}

function webSocketServer(bounds: Bounds, attach: (connection: Connection) => void): Server {
  const http = createHttpServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({
    // Given the server itself, it would raise the server's errors again, where nobody listens.
    noServer: true,
    maxPayload: bounds.packetBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  http.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => attach(streamOf(webSocket))),
  );
  return http;
}

/** A packet is written in pieces that are corked together: they become one frame, not one each. */
function streamOf(webSocket: WebSocket): Connection {
  return createWebSocketStream(webSocket, {
    writev: (pieces, done) => webSocket.send(Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), done),
  });
}

async function listen(scheme: string, server: Server, port: number, host: string): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, host, backlog: 1024 }, resolve);
  await promise;
  server.removeListener("error", reject);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
