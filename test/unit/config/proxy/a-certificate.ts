import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aProject } from "../fixture.ts";

export const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/** A certificate for these names, valid for 30 days, with its key. */
export function aCertificate(names: string, key: readonly string[] = EC, protect: readonly string[] = ["-nodes"]) {
  using folder = aProject({});
  const [cert, keyFile] = [join(folder.root, "cert.pem"), join(folder.root, "key.pem")];
  const subject = ["-subj", "/CN=cn.example.com", "-addext", `subjectAltName=${names}`];
  const out = ["-days", "30", "-keyout", keyFile, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...key, ...protect, ...subject, ...out], { stdio: "ignore" });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(keyFile, "utf8") };
}
