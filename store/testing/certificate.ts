// Certificates made for a test, an authority's and those that it signs: just enough of X.509 (RFC 5280) to shake hands.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { systemTime, DAY_MS } from "#devices/time";

const BOOLEAN = 0x01;
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
const BASIC_CONSTRAINTS = "551d13";
/** GeneralName iPAddress 127.0.0.1. */
const LOOPBACK_NAME = "87047f000001";

/** PEM texts. */
export type TestCertificate = { readonly key: string; readonly cert: string };

export type Validity = { readonly fromMs?: number; readonly toMs?: number };

/** A new key and a certificate for `127.0.0.1` that is valid for a day. */
export function selfSigned(): TestCertificate {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return certify({
    subject: ["localhost"],
    own,
    issuer: "localhost",
    signer: own.privateKey,
    authority: false,
  });
}

/** An authority that signs certificates for devices; one of these has as many common names as it is given. */
export function testAuthority(name = "Test authority"): {
  readonly cert: string;
  readonly issue: (commonNames: readonly string[], validity?: Validity) => TestCertificate;
} {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = own.privateKey;
  return {
    cert: certify({ subject: [name], own, issuer: name, signer, authority: true }).cert,
    issue: (subject, validity = {}) =>
      certify({
        subject,
        own: generateKeyPairSync("ec", { namedCurve: "P-256" }),
        issuer: name,
        signer,
        authority: false,
        ...validity,
      }),
  };
}

type Request = Validity & {
  readonly subject: readonly string[];
  readonly own: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly authority: boolean;
};

function certify(request: Request): TestCertificate {
  const { subject, own, issuer, signer, authority } = request;
  const nowMs = systemTime.now();
  const algorithm = der(SEQUENCE, oid(ECDSA_WITH_SHA256));
  const body = der(
    SEQUENCE,
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    names([issuer]),
    der(SEQUENCE, utcTime(request.fromMs ?? nowMs - DAY_MS), utcTime(request.toMs ?? nowMs + DAY_MS)),
    names(subject),
    own.publicKey.export({ type: "spki", format: "der" }),
    der(EXPLICIT_3, der(SEQUENCE, authority ? ofAuthority() : ofLoopback())),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", body, signer));
  const certificate = der(SEQUENCE, body, algorithm, signature).toString("base64");
  return {
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}

function names(commonNames: readonly string[]): Buffer {
  const name = (text: string): Buffer =>
    der(SET, der(SEQUENCE, oid(COMMON_NAME), der(UTF8_STRING, Buffer.from(text))));
  return der(SEQUENCE, ...commonNames.map(name));
}

function ofAuthority(): Buffer {
  const isAuthority = der(SEQUENCE, der(BOOLEAN, Buffer.from([0xff])));
  return der(
    SEQUENCE,
    oid(BASIC_CONSTRAINTS),
    der(BOOLEAN, Buffer.from([0xff])),
    der(OCTET_STRING, isAuthority),
  );
}

function ofLoopback(): Buffer {
  const altNames = der(OCTET_STRING, der(SEQUENCE, Buffer.from(LOOPBACK_NAME, "hex")));
  return der(SEQUENCE, oid(SUBJECT_ALT_NAME), altNames);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const short = 0x80;
  const length =
    content.length < short ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const oid = (hex: string): Buffer => der(OBJECT_ID, Buffer.from(hex, "hex"));

function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\D/g, "");
  return der(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`));
}
