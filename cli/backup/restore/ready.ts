import { PRESETS, type PresetName, readyAt } from "../../../core/accessory/preset.ts";
import { Deadline } from "../../../core/deadline.ts";
import type { Seconds } from "../../../core/words.ts";
import { type CommandResult, type Docker, DockerRefusal, type Host } from "../../../hosts/index.ts";

const BOOT: Seconds = 120;

const LOG_LINES = 8;

/** `undefined`: the container has ended, maybe just now. */
async function ask(docker: Docker, id: string, argv: readonly string[], deadline: Deadline): Promise<CommandResult | undefined> {
  try {
    return await docker.exec(id, argv, { deadline });
  } catch (thrown) {
    if (!(thrown instanceof DockerRefusal) || (await docker.inspect(id))?.state.running) throw thrown;
    return undefined;
  }
}

/** Waits until the server in a container answers; fails at once when the container ends. */
export async function untilReady({ docker }: Host, id: string, preset: PresetName, port: number): Promise<void> {
  const deadline = Deadline.in(BOOT);
  let said = "";
  await deadline.until(
    async () => {
      const asked = await ask(docker, id, readyAt(PRESETS[preset], port), deadline);
      if (asked === undefined) throw new Error(`the server ended: ${(await docker.lastLogs(id, LOG_LINES)).join("; ")}`);
      said = `${asked.stdout}${asked.stderr}`.trim();
      return asked.code === 0 && !said.includes("LOADING") ? true : undefined;
    },
    () => new Error(`the server was not ready within ${BOOT} s: ${said}`),
  );
}
