import { stringify } from "yaml";

export interface CloudConfigArgs {
  /**
   * The host key of the machine, in OpenSSH's file format.
   *
   * @example { privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----…", publicKey: "ssh-ed25519 AAAA…" }
   */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /**
   * Who logs in; created with sudo unless it is root.
   *
   * @example "root"
   */
  readonly user: string;
  /**
   * Public keys that may log in.
   *
   * @example ["ssh-ed25519 AAAA…"]
   */
  readonly authorizedKeys: readonly string[];
}

/**
 * User data that makes even the first SSH connection a verified one: the machine gets its host key from here instead of generating
 * an unknown one. For every cloud whose images run cloud-init.
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

/** sshd refuses a key file whose last line has no line break. */
const ending = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);
