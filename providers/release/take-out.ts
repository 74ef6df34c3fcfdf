import { setTimeout as sleep } from "node:timers/promises";
import { countingDown } from "./countdown.ts";
import type { OperationOf } from "./operation.ts";
import { stoppingName } from "./taken-out.ts";
import type { Work } from "./work.ts";

/** Shows by its name that a container is about to stop, and gives a proxy in front the declared time to see it. */
export async function takeOut({ host, id, container: name, delay }: OperationOf<"stop">, work: Work): Promise<void> {
  if (delay === undefined) return;
  if (name !== stoppingName(name)) await work.on(host).docker.rename(id, stoppingName(name));
  await countingDown(`${host}: ${name} goes on before it is stopped`, delay, work.run, sleep(delay * 1000));
}
