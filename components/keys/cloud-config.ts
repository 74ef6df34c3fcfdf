import { stringify } from "yaml";

export interface CloudConfigArgs {
  /** The key that the machine will show, as OpenSSH writes its file. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Who logs in; made with sudo where it is not root. */
  readonly user: string;
  /** Whose keys may: `ssh-ed25519 AAAA…`. */
  readonly authorizedKeys: readonly string[];
}

/**
 * User data that makes the very first SSH connection a verified one: the machine gets its host key from here instead of making one
 * that nobody knows. For every cloud whose images run cloud-init.
 *
 * @example
 * new digitalocean.Droplet("web-1", { userData: key.cloudConfig({ user: "root", authorizedKeys }), … });
 */
export function cloudConfig({ hostKey, user, authorizedKeys }: CloudConfigArgs): string {
  const login = { ssh_authorized_keys: [...authorizedKeys] };
  const config = {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: ending(hostKey.privateKey), ed25519_public: hostKey.publicKey },
    ssh_pwauth: false,
    disable_root: false,
    ...(user === "root" ? login : { users: [{ name: user, ...ADMIN, ...login }] }),
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}

const ADMIN = { shell: "/bin/bash", sudo: "ALL=(ALL) NOPASSWD:ALL", lock_passwd: true };

/** sshd refuses a key file without an end of its last line. */
const ending = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);
