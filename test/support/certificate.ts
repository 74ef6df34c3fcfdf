import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { command } from "../../lab/command.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";

/** A certificate in PEM form, with its key. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** A new certificate for that name from the lab's authority. */
export async function issued(lab: Lab, name: string): Promise<Issued> {
  const at = await mkdtemp(join(tmpdir(), "slipway-certificate-"));
  const [key, request, certificate, names] = ["key.pem", "request.pem", "cert.pem", "names"].map((file) => join(at, file)) as [
    ...[string, string, string, string],
  ];
  const { ca } = lab.registry.certificates;
  try {
    await writeFile(names, `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\n`);
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] as const;
    await command(["openssl", "req", ...made, "-subj", `/CN=${name}`, "-keyout", key, "-out", request]);
    // A number of its own: openssl otherwise counts in a file beside the authority, and two tests at once would write it.
    const authority = [
      "-CA",
      ca,
      "-CAkey",
      join(dirname(ca), "ca.key"),
      "-set_serial",
      `0x${randomBytes(15).toString("hex")}`,
    ] as const;
    await command([
      "openssl",
      "x509",
      "-req",
      "-in",
      request,
      ...authority,
      "-days",
      "30",
      "-extfile",
      names,
      "-out",
      certificate,
    ]);
    return { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  } finally {
    await rm(at, { recursive: true });
  }
}

/** What a visitor got, and the certificate that was shown. */
export interface SafeVisit {
  readonly body: string;
  readonly fingerprint: string;
  readonly validTo: Date;
}

/** What a browser that trusts only the lab's authority gets; it refuses any other certificate. */
export const visitSafely = async (lab: Lab, host: LabHost, name: string): Promise<SafeVisit> =>
  visitTrusting(await readFile(lab.registry.certificates.ca, "utf8"), host, name);

/** The same with another authority. @param ca PEM */
export function visitTrusting(ca: string, host: LabHost, name: string): Promise<SafeVisit> {
  return new Promise((resolve, reject) => {
    const call = get(
      { host: host.address, servername: name, path: "/", headers: { host: name }, ca, agent: false, timeout: 5000 },
      (answer) => {
        const peer: PeerCertificate = (answer.socket as TLSSocket).getPeerCertificate();
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        const shown = { fingerprint: peer.fingerprint256, validTo: new Date(peer.valid_to) };
        answer.on("end", () => resolve({ body: Buffer.concat(chunks).toString(), ...shown }));
      },
    );
    call.on("error", reject).on("timeout", () => call.destroy(new Error(`${host.name} did not answer ${name} in 5 s`)));
  });
}
