import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { ProxyFile } from "../../core/release/proxy-file.ts";
import { plainText, type Secrets } from "../env/secret.ts";
import { isIP } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** A custom certificate with its private key. */
export interface Certificate {
  readonly files: { readonly "cert.pem": ProxyFile; readonly "key.pem": ProxyFile };
  readonly contents: { readonly "cert.pem": string; readonly "key.pem": string };
}

const secretName = z.union([z.string(), z.array(z.string()).length(1, { error: "should hold one name of a secret" })]);

export const CertificateSection = section({
  certificate_pem: field(secretName, {
    is: "The certificate, followed by those of its issuers: the name of a secret, or the text itself.",
    refused: "missing; expired; not valid for a host of the route",
    example: "CERTIFICATE_PEM",
  }),
  private_key_pem: field(secretName, {
    is: "Its private key: the name of a secret.",
    refused: "missing; in plain text; with a passphrase; not that of the certificate",
    example: "PRIVATE_KEY_PEM",
  }),
});
type CertificateInput = z.infer<typeof CertificateSection>;

/** undefined: it could not be read and has already been refused. */
export function resolveCertificate(
  input: CertificateInput,
  hosts: readonly string[],
  secrets: Secrets | undefined,
  place: ConfigPath,
): Certificate | undefined {
  const [certificatePlace, keyPlace] = [place.at("certificate_pem"), place.at("private_key_pem")];
  const certificate = readPem(input.certificate_pem, secrets, certificatePlace);
  const key = readPem(input.private_key_pem, secrets, keyPlace);
  if (certificate === undefined || key === undefined) return undefined;
  if (key.file.from === "text")
    return void keyPlace.refuse(`${plainText("secrets.PRIVATE_KEY_PEM")} and write PRIVATE_KEY_PEM here`);
  const parsed = parseCertificate(certificate.text, certificatePlace);
  const parsedKey = parseKey(key.text, keyPlace);
  if (parsed !== undefined) refuseUnfit(parsed, hosts, certificatePlace);
  if (parsed !== undefined && parsedKey !== undefined && !parsed.checkPrivateKey(parsedKey))
    keyPlace.refuse("is not the key of this certificate");
  return {
    files: { "cert.pem": certificate.file, "key.pem": key.file },
    contents: { "cert.pem": certificate.text, "key.pem": key.text },
  };
}

interface Pem {
  readonly text: string;
  readonly file: ProxyFile;
}

function readPem(value: string | string[] | undefined, secrets: Secrets | undefined, place: ConfigPath): Pem | undefined {
  if (value === undefined) return void place.refuse("is required: a certificate needs its key, and a key its certificate");
  const [name = ""] = [value].flat();
  if (name.includes("-----BEGIN ")) return { text: name, file: { from: "text", text: name } };
  const text = secrets?.lookUp(name, place) ?? "";
  return text.trim() === "" ? undefined : { text, file: { from: "secret", secret: name } };
}

function parseCertificate(text: string, place: ConfigPath): X509Certificate | undefined {
  try {
    // OpenSSL accepts other formats that the proxy does not.
    if (text.includes("-----BEGIN CERTIFICATE-----")) return new X509Certificate(text);
  } catch {
    // OpenSSL's own message would show parts of the text.
  }
  return void place.refuse("is not a certificate in PEM format: -----BEGIN CERTIFICATE-----");
}

function parseKey(text: string, place: ConfigPath): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return void place.refuse("is not a private key in PEM format without a passphrase");
  }
}

function refuseUnfit(certificate: X509Certificate, hosts: readonly string[], place: ConfigPath): void {
  const now = new Date();
  if (certificate.validToDate < now) place.refuse(`expired on ${dayOf(certificate.validToDate)}`);
  if (certificate.validFromDate > now) place.refuse(`is not valid before ${dayOf(certificate.validFromDate)}`);
  for (const host of hosts) if (!isFor(certificate, host)) place.refuse(`is not valid for ${host}`);
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** Clients check only the alternative names. */
function isFor(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  const names = (certificate.subjectAltName ?? "").split(", ").map((name) => name.toLowerCase());
  if (host.startsWith("*.")) return names.includes(`dns:${host}`);
  return certificate.checkHost(host, { subject: "never" }) !== undefined;
}
