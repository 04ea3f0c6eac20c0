// The doors in the wall: plain TCP, TLS and WebSocket, each handing its streams to the same broker, with who they are from.
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from "node:tls";
import type { Connection } from "aedes";
import type { Logger } from "pino";
import { createWebSocketStream, WebSocketServer, type WebSocket } from "ws";
import type { Config } from "#config";
import { MINUTE_MS } from "#devices/time";
import {
  readServerCertificate,
  shownCertificate,
  type CertificateFiles,
  type ShownCertificate,
} from "./certificates.ts";
import type { BrokerLimits } from "./limits.ts";
import { addressKeyOf } from "./lock-out.ts";

export type Listener = { readonly url: string; readonly close: () => Promise<void> };

export type ListenerConfig = CertificateFiles &
  Pick<Config, "MQTT_HOST" | "MQTT_PORT" | "MQTTS_PORT" | "MQTT_WS_PORT">;

/** Who is at the other end of a stream, before a word of MQTT. */
export type Peer = {
  /** As it counts for the lock-out. Behind a proxy it is the proxy's: what a header claims is not believed. */
  readonly address: string;
  readonly certificate: ShownCertificate | undefined;
  /** Called once its session is open: ends a bound for somebody unknown. A plain stream has none, it is read as far as allowed. */
  readonly known?: () => void;
};

export type Listeners = {
  readonly mqtt: Listener;
  readonly mqtts?: Listener;
  readonly ws?: Listener;
  /**
   * Reads certificate, key and authorities again; they hold for connections from then on. Answers when the
   * certificate ends (ms), undefined without TLS.
   * @throws KoproError `config_invalid` when they cannot be used: those before stay.
   */
  readonly reloadCertificate: () => number | undefined;
};

type Bounds = Pick<
  BrokerLimits,
  "connectionCountMax" | "connectPacketBytesMax" | "packetBytesMax" | "connectWithinMs"
>;

/** A type byte and up to four of the length. */
export const FIXED_HEADER_BYTES_MAX = 5;

/** Connections that wait to be accepted: a reconnect storm comes faster than an event loop turns. */
const BACKLOG = 4096;

/** Sockets beyond the bound that still get a polite refusal; above, they are closed at once. */
const REFUSED_POLITELY = 1000;

/**
 * Frames of one message, and pieces of one frame. A fragment of one byte costs hundreds; MQTT needs no second one, and
 * the largest packet is less than 200 segments of a network. Not in the types yet, so not checked against them.
 */
const PIECES = { maxFragments: 64, maxBufferedChunks: 1024 };

/** What stands around an MQTT packet of somebody unknown: frames, and their masks. */
const FRAMING_BYTES_MAX = 1024;

/** Subprotocols [MQTT-6.0.0-3]; the second is 3.1's. */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"];

/** Opens every listener that the configuration names; on failure none stays open. */
export async function openListeners(
  config: ListenerConfig,
  bounds: Bounds,
  log: Pick<Logger, "error">,
  attach: (connection: Connection, peer: Peer) => void,
): Promise<Listeners> {
  const opened: Listener[] = [];
  const open = async (scheme: string, server: Server, port: number): Promise<Listener> => {
    server.maxConnections = bounds.connectionCountMax + REFUSED_POLITELY;
    const listener = await listen(scheme, server, { port, host: config.MQTT_HOST, log });
    opened.push(listener);
    return listener;
  };
  const attachSocket = (socket: Socket): void => {
    socket.setNoDelay(true);
    // While publishes wait for the store the MQTT keep-alive is suspended: this finds peers that are gone.
    socket.setKeepAlive(true, MINUTE_MS);
    attach(socket, {
      address: addressKeyOf(socket.remoteAddress),
      certificate: socket instanceof TLSSocket ? shownCertificate(socket) : undefined,
    });
  };
  try {
    const mqtt = await open("mqtt", createServer(attachSocket), config.MQTT_PORT);
    const tls = config.MQTTS_PORT === undefined ? undefined : tlsServer(config, bounds, attachSocket);
    const mqtts = tls && (await open("mqtts", tls, config.MQTTS_PORT ?? 0));
    const ws =
      config.MQTT_WS_PORT === undefined
        ? undefined
        : await open("ws", webSocketServer(bounds, attach), config.MQTT_WS_PORT);
    const reloadCertificate = (): number | undefined => tls && reload(tls, config);
    return { mqtt, ...(mqtts ? { mqtts } : {}), ...(ws ? { ws } : {}), reloadCertificate };
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    throw error;
  }
}

/**
 * A certificate is asked for where authorities are named, and never demanded: a device without one has its secret. One
 * that is shown and not accepted is refused with a CONNACK, which tells the device more than a closed socket.
 */
function tlsServer(config: ListenerConfig, bounds: Bounds, attach: (socket: Socket) => void): TlsServer {
  const { options } = readServerCertificate(config);
  const server = createTlsServer(
    {
      ...options,
      requestCert: config.TLS_CLIENT_CA_FILE !== undefined,
      rejectUnauthorized: false,
      handshakeTimeout: bounds.connectWithinMs,
    },
    attach,
  );
  // Node only tells of a handshake that failed or took too long; the socket would stay, and count.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

/** A new context has new ticket keys too: nobody resumes a session that older authorities had let in. */
function reload(server: TlsServer, files: CertificateFiles): number {
  const { options, validToMs } = readServerCertificate(files);
  server.setSecureContext(options);
  return validToMs;
}

function webSocketServer(bounds: Bounds, attach: (connection: Connection, peer: Peer) => void): Server {
  const http = createHttpServer((_request, response) => response.writeHead(426).end());
  // Silence is noticed at once, headers that drip within half a minute; from the upgrade on it is the broker's to notice.
  http.setTimeout(bounds.connectWithinMs);
  http.headersTimeout = bounds.connectWithinMs;
  http.requestTimeout = bounds.connectWithinMs;
  const sockets = new WebSocketServer({
    // Given the server itself, it would raise the server's errors again, where nobody listens.
    noServer: true,
    maxPayload: bounds.packetBytesMax + FIXED_HEADER_BYTES_MAX,
    perMessageDeflate: false,
    ...PIECES,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  http.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      attach(streamOf(webSocket), {
        address: addressKeyOf(request.socket.remoteAddress),
        certificate: undefined,
        known: boundUnknown(webSocket, request.socket, bounds),
      }),
    ),
  );
  return http;
}

/**
 * A packet is written in pieces that are corked together: they become one frame, not one each. A text frame ends the
 * connection [MQTT-6.0.0-1].
 */
function streamOf(webSocket: WebSocket): Connection {
  webSocket.on("message", (_data, isBinary) => {
    if (!isBinary) webSocket.terminate();
  });
  return createWebSocketStream(webSocket, {
    writev: (pieces, done) => webSocket.send(Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), done),
  });
}

/**
 * Until its session is open, a WebSocket is ended that has brought more than a CONNECT may have and no message of it is
 * complete: it would be put together in memory. Answers what ends the bound.
 */
function boundUnknown(webSocket: WebSocket, socket: Socket, bounds: Bounds): () => void {
  let incompleteBytes = 0;
  const completed = (): void => void (incompleteBytes = 0);
  const count = (bytes: Buffer): void => {
    incompleteBytes += bytes.length;
    if (incompleteBytes > bounds.connectPacketBytesMax + FRAMING_BYTES_MAX) webSocket.terminate();
  };
  webSocket.on("message", completed);
  // Behind the listener that completes messages of these bytes.
  socket.on("data", count);
  return () => {
    socket.off("data", count);
    webSocket.off("message", completed);
  };
}

async function listen(
  scheme: string,
  server: Server,
  { port, host, log }: { port: number; host: string; log: Pick<Logger, "error"> },
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, host, backlog: BACKLOG }, resolve);
  await promise;
  // What cannot be accepted (no descriptor left, no memory) tries again; an error that nobody hears would end the process.
  server.on("error", (error) => log.error({ err: error, scheme }, "a connection could not be accepted"));
  server.removeListener("error", reject);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
