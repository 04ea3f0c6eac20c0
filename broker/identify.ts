// Who a connection says it is, and what it shows for it: a certificate where it has one, else user name and secret.
import type { ShownCertificate } from "./certificates.ts";
import { deviceIdOf, hashSecret, type Proof } from "./credentials.ts";
import { Refused } from "./refusal.ts";

export type Identity = {
  readonly deviceId: number;
  readonly proof: Proof;
  /** When the certificate ends; Infinity for a secret, whose end the store knows. */
  readonly endsAtMs: number;
};

type Shown = {
  readonly certificate: ShownCertificate | undefined;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
};

/**
 * Nothing is verified here that the store has to say.
 * @throws Refused `anonymous`, `malformed` or `certificate`.
 */
export function identify(shown: Shown, nowMs: number): Identity {
  const { certificate, username, password } = shown;
  if (certificate !== undefined) return ofCertificate(certificate, username, nowMs);
  if (username === undefined) throw new Refused("anonymous", "no user name");
  const deviceId = deviceIdOf(username);
  if (deviceId === undefined || password === undefined) {
    throw new Refused("malformed", "the user name is not a device id, or the password is missing");
  }
  return {
    deviceId,
    proof: { kind: "secret", secretHash: hashSecret(password) },
    endsAtMs: Number.POSITIVE_INFINITY,
  };
}

/** A password beside a certificate is not looked at: some clients cannot leave it out. */
function ofCertificate(certificate: ShownCertificate, username: string | undefined, nowMs: number): Identity {
  const { fault, commonName, validFromMs, validToMs } = certificate;
  if (fault !== undefined) throw new Refused("certificate", `the certificate is not accepted: ${fault}`);
  const deviceId = commonName === undefined ? undefined : deviceIdOf(commonName);
  if (deviceId === undefined) {
    throw new Refused("certificate", `the common name ${JSON.stringify(commonName)} is not a device id`);
  }
  // Some clients cannot leave the user name out either: an empty one is none.
  if (username !== undefined && username !== "" && username !== commonName) {
    throw new Refused("certificate", `the certificate is of device ${deviceId}`);
  }
  // A resumed TLS session is not looked at again: its certificate may have ended since.
  if (nowMs >= validToMs) throw new Refused("certificate", "the certificate has ended");
  return { deviceId, proof: { kind: "certificate", validFromMs }, endsAtMs: validToMs };
}
