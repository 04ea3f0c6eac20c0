// A self-signed certificate for loopback, made for a test: just enough of X.509 (RFC 5280) to shake hands.
import { generateKeyPairSync, sign } from "node:crypto";
import { systemTime, DAY_MS } from "#devices/time";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const EXPLICIT_0 = 0xa0;
const EXPLICIT_3 = 0xa3;

const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";
/** GeneralName iPAddress 127.0.0.1. */
const LOOPBACK_NAME = "87047f000001";

/** PEM texts of a new key and of a certificate for `127.0.0.1` that is valid for a day. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(SEQUENCE, oid(ECDSA_WITH_SHA256));
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, oid(COMMON_NAME), der(UTF8_STRING, Buffer.from("localhost")))),
  );
  const validity = der(SEQUENCE, utcTime(-DAY_MS), utcTime(DAY_MS));
  const altNames = der(OCTET_STRING, der(SEQUENCE, Buffer.from(LOOPBACK_NAME, "hex")));
  const extensions = der(EXPLICIT_3, der(SEQUENCE, der(SEQUENCE, oid(SUBJECT_ALT_NAME), altNames)));
  const body = der(
    SEQUENCE,
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", body, privateKey));
  const certificate = der(SEQUENCE, body, algorithm, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const short = 0x80;
  const length =
    content.length < short ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const oid = (hex: string): Buffer => der(OBJECT_ID, Buffer.from(hex, "hex"));

function utcTime(fromNowMs: number): Buffer {
  const digits = new Date(systemTime.now() + fromNowMs).toISOString().replace(/\D/g, "");
  return der(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`));
}
