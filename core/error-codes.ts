import type { ErrorEntry } from "./error-entry.ts";
import { IMAGE_ERRORS } from "./image-errors.ts";

/**
 * Every error that Slipway makes has one of these codes. A code is for ever: scripts and searches depend on it. A new error that needs the
 * same next step as an existing one shares its code. docs/errors.md is generated from this table (`npm run docs`).
 */
export const ERRORS = {
  // The config, the program and the state
  CONFIG_INVALID: {
    cause: "A value in the stack's config is missing, misspelled, of the wrong form, or contradicts another one or the registry.",
    look: "The error lists every problem with its path in the stack's file; docs/configuration.md describes each key.",
    next: "Correct all listed values and run the command again. No host was changed.",
  },
  SSH_CONFIG_INVALID: {
    cause: "`slipway:ssh`, or the ~/.ssh/config that it refers to, describes a way to a host that cannot be followed.",
    look: "The value that the error quotes: a jump host that leads back to itself, a key file that does not exist, an unreadable key.",
    next: "Correct that value; `ssh -v user@host` shows how the system's own client would connect.",
  },
  ARGUMENTS_INVALID: {
    cause: "A resource was declared by a program with arguments of the wrong form.",
    look: "The argument that the error names, in the program.",
    next: "Correct the arguments of this resource.",
  },
  PACKAGE_MISSING: {
    cause: "The config uses a feature of an optional package (`@pulumi/hcloud`, `@pulumi/docker`) that is not installed.",
    look: "`npm ls` in the folder of the program.",
    next: "Install the package that the error names.",
  },
  SETUP_FAILED: {
    cause: "A command of `setup` failed on a server.",
    look: "The end of its output in the error.",
    next: "Correct the command or the server. The next run begins with the first command again.",
  },
  HOOK_FAILED: {
    cause: "A hook failed, or did not end in time.",
    look: "The end of its output in the error; docs/hooks.md says when it runs and what it gets.",
    next: "Correct the hook and run the command again. What a hook guards has not begun; after post_deploy and the proxy's, the change is made already.",
  },
  OPERATOR_KEY_UNKNOWN: {
    cause: "New servers need a public key that is allowed to log in, and no readable one was found.",
    look: "`slipway:ssh.keys` and the .pub files beside the private keys.",
    next: "Name a key whose public half is readable.",
  },
  PROJECT_NOT_FOUND: {
    cause: "There is no Pulumi.yaml in this folder or in one above it.",
    look: "The current folder.",
    next: "Change to the project's folder.",
  },
  STACK_EMPTY: {
    cause: "The stack has not released anything yet, so there is nothing to look at.",
    look: "`pulumi stack ls`: is it the stack that you meant?",
    next: "Run `pulumi up`, or name another stack with `--stack`.",
  },
  STACK_CONFIG_ELSEWHERE: {
    cause:
      "Part of the stack's config comes from Pulumi.yaml or from an environment, or its file uses YAML that slipway does not edit.",
    look: "`config` and `environment` in Pulumi.yaml and in the stack's file; anchors (`&`), aliases (`*`), merge keys (`<<`) and tags in it.",
    next: "Make the change by hand in the place where the value is set.",
  },
  STATE_UNREADABLE: {
    cause: "`pulumi stack export` printed something that is not a state.",
    look: "`pulumi stack export` by hand.",
    next: "Fix the backend or the login that this command complains about.",
  },
  STATE_FROM_OTHER_VERSION: {
    cause: "The state was written by a version of Slipway with other resources.",
    look: "The version of Slipway in package.json, here and where the last run was made.",
    next: "Use that version, or run `pulumi up` once with this one: it rewrites the state.",
  },
  PULUMI_FAILED: {
    cause: "The Pulumi CLI failed, or did not answer in time.",
    look: "The lines that it printed; `pulumi whoami` and `pulumi stack ls`.",
    next: "Follow what Pulumi says: log in, set the passphrase, or cancel a run that holds the lock.",
  },
  TOOL_MISSING: {
    cause: "A program that this command needs on this machine (Pulumi, Docker, Go) is missing or does not run.",
    look: "The program that the error names; PATH; `slipway install`, which prints the Pulumi that is used.",
    next: "Install or start it as the error says: `npx slipway install` for Pulumi.",
  },
  HISTORY_MISSING: {
    cause: "The backend has no record of the run that made this release, so its config is unknown.",
    look: "`pulumi stack history`.",
    next: "Set the config by hand and release it.",
  },
  UNKNOWN_NAME: {
    cause: "A role, host, accessory, backup, container, release or stack was named that does not exist.",
    look: "The names that the error lists.",
    next: "Use one of the listed names.",
  },
  RELEASE_MIXED: {
    cause: "The hosts of a stack do not all run what it released last, so it is not certain what would be promoted.",
    look: "`slipway status --stack STACK`: the hosts that the error names, and what runs there.",
    next: "Run `slipway deploy --stack STACK`, which brings all hosts to one release, and promote that.",
  },
  KAMAL_CONFIG_UNREADABLE: {
    cause: "`slipway import`, or a stack with `slipway:deploy_file`, found no config of Kamal, or one that is not YAML.",
    look: "The file and line in the error; `kamal config` in the same folder.",
    next: "Run the import in the app's folder, or name the file with `--config`; correct the file that the stack names.",
  },
  USAGE: {
    cause: "Options of a command contradict each other, or a confirmation is needed and there is no terminal.",
    look: "`slipway <command> --help`.",
    next: "Use the option that the error names.",
  },

  // The way to a host
  HOST_UNREACHABLE: {
    cause: "No SSH connection was made: the name does not resolve, there is no route, or the port does not answer.",
    look: "The server's state and firewall, `slipway:ssh.port`, and the VPN or jump host in between.",
    next: "Try `ssh` by hand with the command that the error prints, then run the command again.",
  },
  HOST_KEY_REFUSED: {
    cause:
      "The server's host key is unknown, revoked, or different from the pinned one. A different key can mean that the server was reinstalled, or that someone is intercepting the connection.",
    look: "Compare the offered fingerprint with the one on the server itself, through its console.",
    next: "Pin the key with the command that the error prints, only when the fingerprints are equal.",
  },
  LOGIN_REFUSED: {
    cause: "The server was reached, and accepted none of the keys for this user.",
    look: "The keys that the error lists as tried; `slipway:ssh.user`; `~/.ssh/authorized_keys` on the server.",
    next: "Allow one of these keys on the server, or name the right key or user.",
  },
  SHELL_UNUSABLE: {
    cause: "The login was accepted, but the user's login shell (or a ForceCommand of sshd) does not run commands.",
    look: "What `ssh user@host echo works` prints; `getent passwd user`; the shell's start files; `sshd -T` on the host.",
    next: "Give the user a shell that runs commands (`chsh -s /bin/sh user`), and remove `exec` and `exit` from its start files.",
  },
  CONNECTION_LOST: {
    cause: "The connection to a host broke repeatedly while the run was working there.",
    look: "The network between here and the host; `journalctl -u ssh` on the host.",
    next: "Run the command again: it continues from what it finds.",
  },
  MACHINE_NOT_READY: {
    cause: "A new server did not finish booting, or its cloud-init did not finish, within the deadline.",
    look: "The provider's console; `cloud-init status --long` on the server.",
    next: "Run `pulumi up` again if it only took longer; otherwise fix what cloud-init reports.",
  },
  LEASE_TIMEOUT: {
    cause: "Another run, or `slipway lock`, is changing the same host.",
    look: "The holder that the error names.",
    next: "Wait for it or stop it, then run the command again. The lease ends with the connection of its holder.",
  },
  LEASE_LOST: {
    cause: "The connection that held the lease ended, so other runs may change the host again.",
    look: "The network; whether another run has started since.",
    next: "Take the lock again.",
  },
  FROZEN: {
    cause: "Someone has frozen the app on a host (`slipway lock --for 12h`): until that ends, nothing may be changed there.",
    look: "The error says who has frozen it, when, until when and why; `slipway lock status` shows it for all hosts.",
    next: "Wait until then, or end it: `slipway unlock`. In an emergency `--despite-freeze`, which the journal of the host records.",
  },
  FREEZE_FAILED: {
    cause: "A freeze could not be written on a host: the user who logs in may write to no folder of Slipway there.",
    look: "`ls -ld /var/lib/slipway /run/lock/slipway` on the host.",
    next: "As root on the host: `install -d -m 2770 -g docker /var/lib/slipway`. Then run the command again.",
  },
  LEASE_UNSUPPORTED: {
    cause: "The host has no `flock`, which keeps two runs from changing it at the same time.",
    look: "`command -v flock` on the host (package util-linux).",
    next: "Install util-linux on the host.",
  },
  SUDO_REQUIRED: {
    cause: "A step needs root, and the user is neither root nor has sudo without a password.",
    look: "`sudo -n true` as that user on the host.",
    next: "Run the commands that the error prints once as root, or use another user.",
  },

  // Docker on a host
  DOCKER_UNAVAILABLE: {
    cause: "Docker on the host is missing, stopped, silent, too old, or not allowed for this user or through this SSH server.",
    look: "`docker version` on the host, as the user that Slipway uses.",
    next: "Run the command that the error prints on the host.",
  },
  DOCKER_INSTALL_FAILED: {
    cause: "Docker could not be installed: an unknown distribution, a failed package manager, or a wrong repository key.",
    look: "The step and its last lines in the error; `apt` or `dnf` by hand on the host.",
    next: "Fix what the package manager reports, or install Docker by hand: Slipway uses it as it is.",
  },
  PACKAGE_LOCK_TIMEOUT: {
    cause: "Another process held the package manager's lock for too long, usually automatic upgrades.",
    look: "The process that the error names.",
    next: "Wait until it has finished, then run the command again.",
  },
  DOCKER_SETTINGS_FAILED: {
    cause: "Docker's daemon.json cannot be read or is not valid, or Docker refuses the settings.",
    look: "/etc/docker/daemon.json and `journalctl -u docker` on the host.",
    next: "Correct `slipway:docker.settings` or the file on the host.",
  },
  DOCKER_START_FAILED: {
    cause: "Docker is installed and does not start.",
    look: "`systemctl status docker` and `journalctl -u docker` on the host.",
    next: "Fix what the journal reports, then run the command again.",
  },
  DOCKER_NOT_CONVERGED: {
    cause: "Every step succeeded, and Docker is still not as declared: something else on the host changes it back.",
    look: "Configuration management or another stack that also manages Docker on this host.",
    next: "Let one of them own the setting.",
  },
  DISK_FULL: {
    cause: "Docker's disk on the host has too little space for the image.",
    look: "`df -h` and `docker system df` on the host; `slipway status` shows free space.",
    next: "Free space, or lower `slipway:retain_containers`.",
  },

  ...IMAGE_ERRORS,

  // A release
  RELEASE_FAILED: {
    cause:
      "A new container exited, did not become healthy in time, or was refused by the proxy. The hosts that had switched were switched back.",
    look: "The cause at the end of the first line, if its container showed one, and its last log lines; docs/first-deploy.md lists the usual causes.",
    next: "Type the line after `next`, or fix the image or its config, then release again. The old version serves.",
  },
  RELEASE_COMMAND_FAILED: {
    cause: "The command of `slipway:release` exited with a code other than 0, or ran out of time. Nothing was started.",
    look: "Its last lines in the error.",
    next: "Fix the command or what it needs (the database, its credentials), then release again.",
  },
  NAME_TAKEN: {
    cause: "A container with a name that this stack needs exists and was made by someone else.",
    look: "`docker inspect` of that name on the host: its labels show who made it.",
    next: "Rename or remove it, or choose another `slipway:service`.",
  },
  ROUTE_TAKEN: {
    cause: "The proxy already serves this host name or path for another app.",
    look: "`docker exec kamal-proxy kamal-proxy list` on the host.",
    next: "Choose another `proxy.host` or `path_prefix`, or remove the other app's route.",
  },
  PORT_TAKEN: {
    cause: "A port that the proxy, a role or an accessory has to publish is used by another process or container.",
    look: "The owner that the error names; `ss -ltnp` on the host.",
    next: "Stop that process, or choose another port.",
  },
  NETWORK_MISSING: {
    cause: "A role or an accessory is to be in a Docker network of the host that is not there.",
    look: "`docker network ls` on the host.",
    next: "Create it on the host, or correct its name in `options.network`.",
  },
  PROXY_UNAVAILABLE: {
    cause: "kamal-proxy is missing, stopped, or could not be started on the host.",
    look: "`docker logs kamal-proxy` on the host.",
    next: "Run `pulumi up`, which starts it; fix what its log reports.",
  },
  PROXY_FILES_FAILED: {
    cause: "Certificates or error pages could not be placed in the proxy's files completely.",
    look: "Free space on the host; the mounts of the container kamal-proxy.",
    next: "Run `pulumi up` again; re-create the proxy if its folder is missing.",
  },
  PLAN_STALE: {
    cause: "The hosts changed between the plan that was confirmed and its first step: another run, or a change by hand.",
    look: "`slipway status`, and who else deploys this stack.",
    next: "Preview again and confirm the new plan.",
  },
  HOSTS_CHANGED: {
    cause: "What a run left behind was changed by something else before the run had verified it.",
    look: "The differences in the error; other runs and crontabs on the host.",
    next: "Run `pulumi up` again.",
  },
  RUN_FAILED: {
    cause: "A run stopped for a reason that Slipway does not know.",
    look: "The cause in the error.",
    next: "Run the command again; if it fails the same way, report it with the whole output.",
  },

  // Beside the app
  ACCESSORY_FAILED: {
    cause: "An accessory could not be changed to what is declared; the old container was started again.",
    look: "The last log lines in the error; `slipway accessory logs`.",
    next: "Fix the image or its settings, then run `pulumi up` again.",
  },
  ACCESSORY_DATA_AT_RISK: {
    cause: "As declared, the accessory would start without its existing data, or with a version that cannot read it.",
    look: "The volumes and versions that the error names.",
    next: "Follow the steps in the error: mount the data where it is, or go through a backup.",
  },
  ACCESSORY_FILES_FAILED: {
    cause: "A file or directory of an accessory could not be prepared: an unknown placeholder, owner or home directory.",
    look: "The file that the error names, and `files`, `directories` and `secrets` of the accessory.",
    next: "Correct the entry.",
  },
  ACCESSORY_NOT_RUNNING: {
    cause: "The container of the accessory does not exist, is stopped, unhealthy, or has no address.",
    look: "`slipway accessory details`, `slipway accessory logs`.",
    next: "Start it with the command that the error prints.",
  },
  APP_NOT_RUNNING: {
    cause: "No container of the role is live on that host.",
    look: "`slipway status`.",
    next: "Run `pulumi up`, or choose another host or role.",
  },
  EXEC_FAILED: {
    cause: "A command could not be started in a container.",
    look: "Docker's message in the error: usually a program that the image does not have.",
    next: "Use a program that exists in the image.",
  },
  TUNNEL_FAILED: {
    cause: "A tunnel could not be opened or kept: the local port is in use, or the host could not be reached again.",
    look: "`ss -ltn` on this machine; the host.",
    next: "Choose another local port, or open the tunnel again.",
  },
  SCHEDULE_FAILED: {
    cause: "The scheduler of backups and jobs could not be set up: its accessory has no container or no data, or did not start.",
    look: "The reason in the error; `docker logs` of the scheduler on the host.",
    next: "Start the accessory first, or correct `backup` or `schedule`.",
  },
  BACKUP_FAILED: {
    cause: "A backup did not complete, or its store cannot be used.",
    look: "Its last lines in the error; space or permissions of the store.",
    next: "Fix the cause and run `slipway backup run`.",
  },
  RESTORE_FAILED: {
    cause: "A backup could not be restored, did not pass its drill, or is not what its host has stored: size or SHA-256 differs.",
    look: "What the error says is serving now; `slipway backup list`.",
    next: "Try another backup. The data from before the restore was kept.",
  },

  // Security of a host
  FIREWALL_FAILED: {
    cause: "The firewall's rules could not be read, applied, kept or removed, or would have locked us out and were taken back.",
    look: "`nft list ruleset` on the host; which address you connect from.",
    next: "Correct `slipway:firewall`, so that your own address can still reach SSH.",
  },
  PORT_EXPOSED: {
    cause: "A port that should be closed can be reached from outside.",
    look: "The port and its owner in the error.",
    next: "Bind it to a private address, close it in the firewall, or declare it open.",
  },
  HARDENING_FAILED: {
    cause: "SSH or the accounts of the host could not be hardened, or the hardening would have locked us out and was taken back.",
    look: "`sshd -T` on the host; the keys of the new user.",
    next: "Follow the error; the way in that worked before still works.",
  },
  HOST_KEY_MISSING: {
    cause: "The state no longer holds the host key that a server was made with.",
    look: "Whether the resource HostKey was removed from the state.",
    next: "Restore the state, or replace the server.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** The stable name of an error, as scripts and docs/errors.md know it. @example "HOST_UNREACHABLE" */
export type ErrorCode = keyof typeof ERRORS;
