import { access, chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";
import { folder } from "./state.ts";

/** The lab's SSH key: a private key file and its public line. */
export interface LabKey {
  readonly file: string;
  readonly publicKey: string;
}

/** The key that every host accepts for `root`, `deploy` and `nodocker`. Created once. */
export const ensureOperatorKey = async (): Promise<LabKey> => ensureKey(await folder("keys"), "operator_ed25519");

/** The folder that a host mounts as /lab/ssh: its host key and authorized keys. */
export async function ensureHostKey(host: string, operator: LabKey): Promise<LabKey> {
  const at = await folder("hosts", host, "ssh");
  await chmod(at, 0o755); // sshd reads authorized_keys as the user who logs in
  await copyFile(`${operator.file}.pub`, join(at, "authorized_keys"));
  await chmod(join(at, "authorized_keys"), 0o644);
  return ensureKey(at, "ssh_host_ed25519_key");
}

async function ensureKey(at: string, name: string): Promise<LabKey> {
  await mkdir(at, { recursive: true });
  const file = join(at, name);
  const made = await access(`${file}.pub`).then(
    () => true,
    () => false,
  );
  if (!made) await command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  const [type, key] = (await readFile(`${file}.pub`, "utf8")).trim().split(" ");
  return { file, publicKey: `${type} ${key}` };
}
