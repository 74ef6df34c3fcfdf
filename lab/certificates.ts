import { access, readFile, writeFile } from "node:fs/promises";
import { command } from "./command.ts";
import { folder } from "./state.ts";

/** Files of the lab's certificate authority and the registry's certificate. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** `ca` and the previous content of NODE_EXTRA_CA_CERTS: can be set there. */
  readonly bundle: string;
}

/** A certificate for `address`, signed by the lab's CA. Created once per address and kept. */
export async function ensureCertificates(address: string): Promise<Certificates> {
  const at = await folder("certificates", address);
  const files = { ca: `${at}/ca.crt`, cert: `${at}/registry.crt`, key: `${at}/registry.key`, bundle: `${at}/bundle.crt` };
  const made = await access(files.cert).then(
    () => true,
    () => false,
  );
  if (!made) await make(at, address, files);
  const others = process.env.NODE_EXTRA_CA_CERTS;
  const more = others === undefined || others === files.bundle ? "" : await readFile(others, "utf8").catch(() => "");
  if (others !== files.bundle) await writeFile(files.bundle, `${await readFile(files.ca, "utf8")}${more}`);
  return files;
}

async function make(at: string, address: string, files: Certificates): Promise<void> {
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"] as const;
  const authority = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"] as const;
  await command([
    "openssl",
    "req",
    "-x509",
    ...newKey,
    ...authority,
    "-subj",
    "/CN=Slipway lab",
    "-keyout",
    `${at}/ca.key`,
    "-out",
    files.ca,
  ]);
  await command([
    "openssl",
    "req",
    ...newKey.slice(0, 4),
    "-nodes",
    "-subj",
    "/CN=registry",
    "-keyout",
    files.key,
    "-out",
    `${at}/registry.csr`,
  ]);
  await writeFile(`${at}/names`, `subjectAltName=IP:${address},IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n`);
  const sign = [
    "-CA",
    files.ca,
    "-CAkey",
    `${at}/ca.key`,
    "-set_serial",
    "1",
    "-days",
    "3650",
    "-extfile",
    `${at}/names`,
  ] as const;
  await command(["openssl", "x509", "-req", "-in", `${at}/registry.csr`, ...sign, "-out", files.cert]);
}
