import { quote } from "../hosts/ssh/quote.ts";
import type { Entry } from "./bundle.ts";
import { type CloudConfig, type CloudFile, type CloudUser, parseUserData } from "./cloud-config.ts";

const SEED = "var/lib/cloud/seed";
const APT = [
  "apt-get",
  "--option=Dpkg::Options::=--force-confold",
  "--option=DPkg::Lock::Timeout=120",
  "--assume-yes",
  "--quiet",
];
const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";
const REFUSE_ROOT =
  'no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo \'Please login as another user rather than the user \\"root\\".\';echo;sleep 10;exit 142" ';

/** One module of cloud-init with its commands. `init` ends before sshd starts, `final` runs in parallel with it. */
interface Step {
  readonly stage: "init" | "final";
  readonly module: string;
  readonly commands: readonly (readonly string[])[];
}

/** The user data as files for the lab's cloud-init on the machine: scripts of plain commands, in cloud-init's order. */
export function seedOf(userData: string, authorizedKeys: readonly string[]): readonly Entry[] {
  const config = parseUserData(userData);
  const steps = [withoutLabUsers, writeFiles(config), usersGroups(config), ssh(config, authorizedKeys), packages(config)].filter(
    ({ commands }) => commands.length > 0,
  );
  return [
    { name: `${SEED}/`, mode: 0o700 },
    ...config.write_files.map(fileEntry),
    ...hostKeyEntries(config.ssh_keys),
    ...steps.map((step, index) => script(step, index, ["set -e", ...step.commands.map(quote)])),
    // as in cloud-init, a failed line does not stop the next ones
    ...(config.runcmd.length === 0 ? [] : [script({ stage: "final", module: "scripts_user" }, 99, config.runcmd.map(shellLine))]),
  ];
}

const script = ({ stage, module }: Pick<Step, "stage" | "module">, index: number, lines: readonly string[]): Entry => ({
  name: `${SEED}/${stage}/${String(index).padStart(2, "0")}-${module}`,
  mode: 0o700,
  content: `#!/bin/sh\n${lines.join("\n")}\n`,
});

const shellLine = (line: string | readonly string[]): string => (typeof line === "string" ? line : quote(line));

const seedFile = (index: number): string => `${SEED}/files/${index}`;
const fileEntry = ({ content, encoding }: CloudFile, index: number): Entry => ({
  name: seedFile(index),
  mode: 0o600,
  content: encoding === "text/plain" ? content : Buffer.from(content, "base64"),
});

/** A provider's image has only root; the lab's has users for hosts without cloud-init. */
const withoutLabUsers: Step = {
  stage: "init",
  module: "lab_users",
  commands: [
    ["rm", "-f", "/etc/sudoers.d/deploy"],
    ["userdel", "--remove", "deploy"],
    ["userdel", "--remove", "nodocker"],
  ],
};

const writeFiles = ({ write_files }: CloudConfig): Step => ({
  stage: "init",
  module: "write_files",
  commands: write_files.flatMap((file, index) => written(file, `/${seedFile(index)}`)),
});

function written({ path, permissions, owner, append }: CloudFile, from: string): string[][] {
  const [user = "root", group = user] = owner.split(":");
  const make = ["install", "-D", `--mode=${permissions}`, `--owner=${user}`, `--group=${group}`, from, path];
  if (!append) return [make];
  return [
    ["sh", "-c", 'mkdir -p "$(dirname "$2")" && cat "$1" >>"$2"', "sh", from, path],
    ["chmod", permissions, path],
    ["chown", owner, path],
  ];
}

const usersGroups = ({ users }: CloudConfig): Step => ({
  stage: "init",
  module: "users_groups",
  commands: users.flatMap((user) => (user === "default" ? [] : userCommands(user))),
});

function userCommands({ name, gecos, shell, groups, sudo, lock_passwd, ssh_authorized_keys }: CloudUser): string[][] {
  const options = [
    "--create-home",
    ...(gecos === undefined ? [] : ["--comment", gecos]),
    ...(shell === undefined ? [] : ["--shell", shell]),
    ...(groups.length === 0 ? [] : ["--groups", groups.join(",")]),
  ];
  return [
    ...groups.map((group) => ["sh", "-c", 'getent group "$1" >/dev/null || groupadd "$1"', "sh", group]),
    ["sh", "-c", 'name=$1; shift; id "$name" >/dev/null 2>&1 || useradd "$@" "$name"', "sh", name, ...options],
    ...(lock_passwd ? [["passwd", "--lock", name]] : []),
    ...(sudo.length === 0
      ? []
      : [
          append(
            "/etc/sudoers.d/90-cloud-init-users",
            "0440",
            sudo.map((rule) => `${name} ${rule}`),
          ),
        ]),
    ...(ssh_authorized_keys.length === 0 ? [] : [authorize(name, ssh_authorized_keys)]),
  ];
}

function ssh(config: CloudConfig, authorizedKeys: readonly string[]): Step {
  const { ssh_deletekeys, ssh_keys, ssh_authorized_keys, disable_root, ssh_pwauth } = config;
  const root = [...authorizedKeys, ...ssh_authorized_keys].map((key) => `${disable_root ? REFUSE_ROOT : ""}${key}`);
  return {
    stage: "init",
    module: "ssh",
    commands: [
      ...(ssh_deletekeys ? [["sh", "-c", "rm -f /etc/ssh/ssh_host_*key*"]] : []),
      ...(ssh_keys === undefined ? [MAKE_HOST_KEY] : TAKE_HOST_KEY),
      ...(root.length === 0 ? [] : [authorize("root", root)]),
      ...(ssh_pwauth === undefined
        ? []
        : [append("/etc/ssh/sshd_config.d/50-cloud-init.conf", "0600", [`PasswordAuthentication ${ssh_pwauth ? "yes" : "no"}`])]),
    ],
  };
}

const MAKE_HOST_KEY = ["sh", "-c", '[ -e "$1" ] || ssh-keygen -q -t ed25519 -N "" -f "$1"', "sh", HOST_KEY];

const SEED_KEY = `${SEED}/files/host_key`;
const hostKeyEntries = (keys: CloudConfig["ssh_keys"]): Entry[] =>
  keys === undefined
    ? []
    : [
        { name: SEED_KEY, mode: 0o600, content: `${keys.ed25519_private.trimEnd()}\n` },
        { name: `${SEED_KEY}.pub`, mode: 0o644, content: `${keys.ed25519_public.trimEnd()}\n` },
      ];
const TAKE_HOST_KEY = [
  ["install", "--mode=0600", `/${SEED_KEY}`, HOST_KEY],
  ["install", "--mode=0644", `/${SEED_KEY}.pub`, `${HOST_KEY}.pub`],
];

const packages = ({ package_update, packages: names }: CloudConfig): Step => ({
  stage: "final",
  module: "package_update_upgrade_install",
  commands: [
    ...(package_update || names.length > 0 ? [[...APT, "update"]] : []),
    ...(names.length === 0 ? [] : [["env", "DEBIAN_FRONTEND=noninteractive", ...APT, "install", ...names]]),
  ],
});

/** Appends the lines to a file of root, which is created with that mode. */
const append = (path: string, mode: string, lines: readonly string[]): string[] => [
  ...["sh", "-c", '[ -e "$1" ] || install -m "$2" /dev/null "$1"; shift 2; printf "%s\\n" "$@" >>"$0"', path],
  ...[path, mode, ...lines],
];

const AUTHORIZE = `
home=$(getent passwd "$1" | cut -d: -f6)
group=$(id -gn "$1")
[ -d "$home/.ssh" ] || install -d -m 700 -o "$1" -g "$group" "$home/.ssh"
[ -e "$home/.ssh/authorized_keys" ] || install -m 600 -o "$1" -g "$group" /dev/null "$home/.ssh/authorized_keys"
shift
printf "%s\\n" "$@" >>"$home/.ssh/authorized_keys"`;

const authorize = (user: string, keys: readonly string[]): string[] => ["sh", "-ec", AUTHORIZE, "sh", user, ...keys];
