import type { Seconds } from "../../../core/words.ts";
import { firstAnswer } from "../first-answer.ts";
import { type Newcomer, newcomer } from "./operator.ts";
import { type Heard, newcomerPhases } from "./phases.ts";
import type { NewcomerRow } from "./result.ts";
import { type FirstDeploy, rowOf } from "./row.ts";

/** Each installs Docker on a new server. */
const ROUNDS = 3;
const PATIENCE: Seconds = 180;

/** From `slipway deploy` to the first answer, each round with a new server. @param tarball as of `measureCommands` */
export async function measureNewcomer(rounds: number, tarball: string | undefined): Promise<NewcomerRow> {
  const count = Math.min(rounds, ROUNDS);
  await using one = await newcomer(tarball);
  const deploys: FirstDeploy[] = [];
  for (let round = 1; round <= count; round += 1) {
    console.error(`bench: from a Dockerfile, round ${round} of ${count}`);
    deploys.push(await once(one));
  }
  return rowOf(deploys);
}

async function once({ host, project, reset }: Newcomer): Promise<FirstDeploy> {
  await reset();
  const heard: Heard[] = [];
  const start = performance.now();
  const since = (): Seconds => (performance.now() - start) / 1000;
  const over = new AbortController();
  const answered = firstAnswer(() => host.address, PATIENCE, over.signal).then(since);
  // A command that fails has the better reason.
  answered.catch(() => {});
  try {
    const { code, output, wall_s } = await project.run(["deploy"], { heed: (text) => void heard.push({ at: since(), text }) });
    if (code !== 0) throw new Error(`slipway deploy: exit code ${code}\n${output}`);
    const first_answer_s = await answered;
    return { first_answer_s, wall_s, phases: newcomerPhases(heard, first_answer_s) };
  } finally {
    over.abort();
  }
}
