// Certificates of both sides of TLS: the broker's own, read from files again on request, and the one a device shows.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import type { Config } from "#config";
import { KoproError } from "#devices/error";

export type CertificateFiles = Pick<Config, "TLS_CERT_FILE" | "TLS_KEY_FILE" | "TLS_CLIENT_CA_FILE">;

/** What a device showed. */
export type ShownCertificate = {
  /** Its signature or its dates are not accepted, and why. */
  readonly fault: string | undefined;
  /** Undefined where it names none, or several. */
  readonly commonName: string | undefined;
  readonly validFromMs: number;
  readonly validToMs: number;
};

export type ServerCertificate = {
  readonly options: SecureContextOptions;
  /** When it ends. */
  readonly validToMs: number;
};

/**
 * Reads the broker's certificate, its key and the authorities of device certificates, and tries them.
 * @throws KoproError `config_invalid` naming the variable whose file cannot be read, parsed or used.
 */
export function readServerCertificate(files: CertificateFiles): ServerCertificate {
  const cert = contentOf("TLS_CERT_FILE", files.TLS_CERT_FILE);
  const key = contentOf("TLS_KEY_FILE", files.TLS_KEY_FILE);
  const ca =
    files.TLS_CLIENT_CA_FILE === undefined
      ? undefined
      : contentOf("TLS_CLIENT_CA_FILE", files.TLS_CLIENT_CA_FILE);
  const own = parsed("TLS_CERT_FILE", cert);
  // OpenSSL passes over a text without a certificate in silence, and would then trust nobody.
  if (ca !== undefined) parsed("TLS_CLIENT_CA_FILE", ca);
  const options: SecureContextOptions = { cert, key, minVersion: "TLSv1.2", ...(ca ? { ca } : {}) };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw fault("TLS_CERT_FILE and TLS_KEY_FILE", "do not work together", cause);
  }
  return { options, validToMs: own.validToDate.getTime() };
}

/** The certificate that the device showed, or undefined when it showed none. */
export function shownCertificate(socket: TLSSocket): ShownCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  // Its types say string; two names of one kind are a list. Which of them would be meant?
  const name: unknown = certificate.toLegacyObject().subject.CN;
  return {
    fault: socket.authorized ? undefined : String(socket.authorizationError),
    commonName: typeof name === "string" ? name : undefined,
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
  };
}

function contentOf(variable: string, file: string | undefined): Buffer {
  if (file === undefined) throw fault(variable, "is not set");
  try {
    return readFileSync(file);
  } catch (cause) {
    throw fault(variable, `cannot be read: ${file}`, cause);
  }
}

function parsed(variable: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw fault(variable, "holds no certificate in PEM form", cause);
  }
}

function fault(variable: string, detail: string, cause?: unknown): KoproError {
  const text = `${variable}: ${detail}.`;
  return new KoproError("config_invalid", text, cause === undefined ? {} : { cause });
}
