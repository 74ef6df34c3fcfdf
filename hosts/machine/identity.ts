/** What `Host` answers. */
interface Answers {
  run(argv: readonly string[]): Promise<{ readonly stdout: string }>;
}

const ID = "/etc/machine-id";
/** Of this boot of its kernel. Machines that are containers on one host share it. */
const BOOT = "/proc/sys/kernel/random/boot_id";

/**
 * What stays with an installation, whatever it is called and by whichever address it is reached. Machines that were copied from one disk
 * share it; a system without `/etc/machine-id`, as Alpine, has none.
 */
export async function installationOf(host: Answers): Promise<string | undefined> {
  const { stdout } = await host.run(["head", "-n", "1", "--", ID]);
  const id = stdout.trim();
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/**
 * A text that two hosts share only if they are one machine at this moment. Without `/etc/machine-id`, the boot and the machine's own name
 * decide: only containers that are used as machines share a boot, and their names differ.
 */
export async function machineKey(host: Answers): Promise<string> {
  const { stdout } = await host.run(["sh", "-c", `cat ${ID} 2>/dev/null; cat ${BOOT}; uname -n`]);
  const words = stdout.trim().split(/\s+/);
  if (words.length < 2) throw new Error(`the machine does not say who it is: ${BOOT} cannot be read`);
  return words.join("/");
}
