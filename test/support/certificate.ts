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
    const authority = ["-CA", ca, "-CAkey", join(dirname(ca), "ca.key"), "-CAcreateserial"] as const;
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

/** What a browser that trusts only the lab's authority gets; it refuses any other certificate. */
export async function visitSafely(lab: Lab, host: LabHost, name: string): Promise<{ body: string; fingerprint: string }> {
  const ca = await readFile(lab.registry.certificates.ca);
  return new Promise((resolve, reject) => {
    const call = get(
      { host: host.address, servername: name, path: "/", headers: { host: name }, ca, agent: false, timeout: 5000 },
      (answer) => {
        const peer: PeerCertificate = (answer.socket as TLSSocket).getPeerCertificate();
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ body: Buffer.concat(chunks).toString(), fingerprint: peer.fingerprint256 }));
      },
    );
    call.on("error", reject).on("timeout", () => call.destroy(new Error(`${host.name} did not answer ${name} in 5 s`)));
  });
}
