/** Identifies a machine, whatever it is called and by whichever address it is reached. */
export interface MachineIdentity {
  /** `/etc/machine-id`: stays with the installation. Machines that were copied from one disk share it. */
  readonly id: string;
  /** Of this boot of its kernel. Machines that are containers on one host share it. */
  readonly boot: string;
}

/** What `Host` answers. */
interface Answers {
  run(argv: readonly string[]): Promise<{ readonly stdout: string }>;
}

const FILES = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"] as const;

/** `undefined` if the machine has no identity of its own: a system without `/etc/machine-id`. */
export async function identityOf(host: Answers): Promise<MachineIdentity | undefined> {
  const { stdout } = await host.run(["head", "-n", "1", "-q", "--", ...FILES]);
  const [id, boot] = stdout.split("\n").filter(Boolean);
  return id !== undefined && /^[0-9a-f]{32}$/.test(id) && boot !== undefined ? { id, boot } : undefined;
}

/**
 * A text that two hosts share only if they are one machine at this moment. Without `/etc/machine-id`, as on Alpine, the boot and the
 * machine's own name decide: only containers that are used as machines share a boot, and their names differ.
 */
export async function machineKey(host: Answers): Promise<string> {
  const { stdout } = await host.run(["sh", "-c", `cat ${FILES[0]} 2>/dev/null; cat ${FILES[1]}; uname -n`]);
  const words = stdout.trim().split(/\s+/);
  if (words.length < 2) throw new Error("the machine does not say who it is: /proc/sys/kernel/random/boot_id cannot be read");
  return words.join("/");
}

/**
 * Whether two addresses led to the same machine. Both have to be asked at the moment of the decision: a reboot in between makes one
 * machine look like two.
 */
export const isSameIdentity = (a: MachineIdentity | undefined, b: MachineIdentity | undefined): boolean =>
  a !== undefined && b !== undefined && a.id === b.id && a.boot === b.boot;
