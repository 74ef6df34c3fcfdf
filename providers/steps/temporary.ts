import { isOwn, type Owner, STACK_LABEL } from "../../core/owner.ts";
import { commandOf, isLeft } from "../../core/temporary.ts";
import type { ContainerSummary, Host } from "../../hosts/index.ts";

/** A container that has outlived the command that it was made for. */
export interface Left {
  readonly id: string;
  readonly name: string;
  /** `slipway exec` */
  readonly command: string;
  /** Whose it is; empty for one of an earlier version. */
  readonly stack: string;
}

/** The containers of commands that were killed or lost their connection. Pure. @param now by the host's clock, if it is known */
export const leftIn = (containers: readonly ContainerSummary[], now: Date | undefined): Left[] =>
  containers.flatMap((container) => {
    const command = commandOf(container.labels);
    if (command === undefined || now === undefined || !isLeft(container, now.getTime() / 1000)) return [];
    return [{ id: container.id, name: container.name, command, stack: container.labels[STACK_LABEL] ?? "" }];
  });

/** Removes those of this stack, with their anonymous volumes, and names each. */
export async function removeLeft(host: Host, owner: Owner, say: (text: string) => void): Promise<void> {
  const [all, { time }] = await Promise.all([host.docker.containers({}), host.docker.info()]);
  for (const { id, name, command, stack } of leftIn(all, time)) {
    if (!isOwn(stack || undefined, owner)) continue;
    await host.docker.remove(id, { force: true, anonymousVolumes: true });
    say(`${host.name}: removed ${name}, which an earlier ${command} left`);
  }
}
