import type { Seconds } from "../../core/words.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { hetznerOnLab, useHetzner } from "../../test/support/hetzner.ts";
import { firstAnswer } from "./first-answer.ts";
import { type ColdRow, median, rounded } from "./result.ts";

const HOST = "web-1";
const PATIENCE: Seconds = 120;

type Times = Omit<ColdRow, "rounds">;

/** From nothing to the first answer: one run creates a server, waits for it, installs Docker, releases the app. Each round uses a new one. */
export async function measureCold(lab: Lab, rounds: number): Promise<ColdRow> {
  const { ref } = await lab.image("shop", "cold");
  const all: Times[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`bench: from nothing, round ${round} of ${rounds}`);
    all.push(await once(lab, ref));
  }
  const of = (key: keyof Times): Seconds => rounded(median(all.map((times) => times[key])));
  return {
    rounds,
    vm_s: of("vm_s"),
    ssh_s: of("ssh_s"),
    docker_s: of("docker_s"),
    pull_s: of("pull_s"),
    release_s: of("release_s"),
    first_answer_s: of("first_answer_s"),
  };
}

async function once(lab: Lab, image: string): Promise<Times> {
  await using cloud = await hetznerOnLab();
  await using stack = await LabStack.create(lab, {
    image,
    servers: { web: { hetzner: { count: 1 } } },
    hetzner: { ssh_keys: [lab.key.publicKey] },
    proxy: { app_port: 3000, run: { registry: lab.registry.server } },
  });
  await useHetzner(stack, cloud);
  const start = performance.now();
  const since = (): Seconds => (performance.now() - start) / 1000;
  const run = stack.launch(["up", "--yes", "--skip-preview"]);
  const at = (text: string): Promise<Seconds> => run.saw(text).then(since);
  const answered = firstAnswer(() => cloud.project.servers.all[0]?.address, PATIENCE).then(since);
  // The failure of the run is reported by the waits below.
  answered.catch(() => {});
  const [begun, created, arrived, docker] = await Promise.all([
    at(`hcloud:index:Server ${HOST} creating`),
    at(`hcloud:index:Server ${HOST} created`),
    at("install docker"),
    at(`DockerEngine ${HOST}-docker created`),
  ]);
  const first_answer_s = await answered;
  const { code, output } = await run.done;
  if (code !== 0) throw new Error(`the run from nothing failed\n${output}`);
  const [, release_s = "", pull_s = ""] = /released \S+ in ([\d.]+) s, .*pull ([\d.]+)/.exec(output) ?? [];
  const destroyed = await stack.destroy();
  if (destroyed.code !== 0) throw new Error(`destroy failed\n${destroyed.output}`);
  const stages = { vm_s: created - begun, ssh_s: arrived - created, docker_s: docker - arrived };
  return { ...stages, pull_s: Number(pull_s), release_s: Number(release_s), first_answer_s };
}
