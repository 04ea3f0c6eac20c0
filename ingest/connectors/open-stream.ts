// The way to a broker of somebody else: TCP, TLS or WebSocket, only to addresses that we may reach, certificates verified.
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { isIP } from "node:net";
import { createWebSocketStream, WebSocket } from "ws";
import { AddressForbidden, guardedLookup, targetOf } from "./address.ts";

export type StreamOptions = {
  readonly url: string;
  /** PEM of the authority that signed its certificate; null: the public ones. */
  readonly caPem: string | null;
  readonly allowPrivate: boolean;
  readonly packetBytesMax: number;
  readonly connectWithinMs: number;
};

/** @throws AddressForbidden, or Error on an address that is none. */
export function openStream(options: StreamOptions): Duplex {
  const { url, caPem, allowPrivate, packetBytesMax, connectWithinMs } = options;
  const target = targetOf(url, allowPrivate);
  if (target === "forbidden_address") throw new AddressForbidden(new URL(url).hostname);
  if (typeof target === "string") throw new Error(`the address cannot be used (${target})`);
  const { scheme, host, port } = target;
  const lookup = guardedLookup(allowPrivate);
  const trusted = caPem === null ? {} : { ca: caPem };
  if (scheme === "mqtt") return connectTcp({ host, port, lookup });
  if (scheme === "mqtts") {
    // A name is checked against the certificate; an IP address may not be told as one [RFC 6066, 3].
    const named = isIP(host) === 0 ? { servername: host } : {};
    return connectTls({ host, port, lookup, ...named, ...trusted });
  }
  const socket = new WebSocket(url, ["mqtt"], {
    lookup,
    ...trusted,
    followRedirects: false,
    handshakeTimeout: connectWithinMs,
    maxPayload: packetBytesMax,
    // A few bytes could unpack to any number.
    perMessageDeflate: false,
  });
  return createWebSocketStream(socket);
}
