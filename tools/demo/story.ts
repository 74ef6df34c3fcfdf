import type { Outcome } from "../../lab/stack.ts";
import { leftOn, STRANGER_RUNS, type Stage } from "./stage.ts";

/** One promise of Slipway, kept before the reader's eyes. */
export interface Chapter {
  /** For the table. */
  readonly promise: string;
  readonly sentence: string;
  /** Gives what was measured; throws `Broken` when the promise was not kept. */
  play(stage: Stage): Promise<string>;
}

/** A promise that was not kept. */
export class Broken extends Error {
  override readonly name = "Broken";
}

function expect(kept: boolean, otherwise: string): void {
  if (!kept) throw new Broken(otherwise);
}

function succeeded({ code, output }: Outcome): void {
  expect(code === 0, `pulumi ended with code ${code}:\n${output}`);
}

async function answers(stage: Stage, version: string): Promise<void> {
  const answer = await stage.answer();
  expect(answer === `200 ${version}`, `${stage.url} answers "${answer}" instead of "200 ${version}"`);
  console.log(`  ${stage.url} answers ${version}`);
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const count = (value: number): string => value.toLocaleString("en");

/** In the order of a newcomer's first day; each goes on where the one before ended. */
export const STORY: readonly Chapter[] = [
  {
    promise: "first deploy, server with SSH and Docker alone",
    sentence: "A server with nothing but SSH and Docker gets a proxy and the app from one command.",
    play: async (stage) => {
      const outcome = await stage.run("up");
      succeeded(outcome);
      await answers(stage, "v1");
      return seconds(outcome.seconds);
    },
  },
  {
    promise: "nothing changed → nothing happens",
    sentence: "The same command again looks at the server, and leaves it alone.",
    play: async (stage) => {
      const since = new Date();
      const outcome = await stage.run("up --skip-preview");
      succeeded(outcome);
      const mutations = await stage.host.mutations(since);
      expect(mutations.length === 0, `Docker saw ${mutations.map(({ action, name }) => `${action} ${name}`).join(", ")}`);
      const connections = outcome.trace.filter(({ kind }) => kind === "connect").length;
      expect(connections === 1, `${connections} SSH connections instead of 1`);
      return `${seconds(outcome.seconds)}, 0 mutations, 1 SSH connection`;
    },
  },
  {
    promise: "new version under 100 requests/s",
    sentence: "A new version takes over while the old one is in use, without a failed request.",
    play: async (stage) => {
      await stage.stack.configure({ image: stage.versions.v2.ref });
      const { outcome, load } = await stage.runUnderLoad("up --skip-preview", ["v1", "v2"]);
      succeeded(outcome);
      const bad = load.failed + load.wrong;
      expect(bad === 0, `${bad} of ${load.requests} requests failed: ${load.failures.map(({ reason }) => reason).join("; ")}`);
      expect(load.answers.length === 2, "the load did not meet both versions");
      await answers(stage, "v2");
      const toSwitch = /serving after ([\d.]+) s/.exec(outcome.output)?.[1];
      expect(toSwitch !== undefined, "the run did not say when the new version served");
      return `0 of ${count(load.requests)} failed; to switch ${seconds(Number(toSwitch))}`;
    },
  },
  {
    promise: "broken version",
    sentence: "A version that exits at boot is refused with its own last words, and the old one goes on serving.",
    play: async (stage) => {
      await stage.stack.configure({ image: stage.versions.broken.ref });
      const { outcome, load } = await stage.runUnderLoad("up --skip-preview", ["v2"]);
      expect(outcome.code !== 0, "pulumi accepted it");
      expect(/exited with code 3\b/.test(outcome.output), `the error does not say how the container ended:\n${outcome.output}`);
      expect(/serves now: v2-/.test(outcome.output), `the error does not say what serves now:\n${outcome.output}`);
      const bad = load.failed + load.wrong;
      expect(bad === 0, `${bad} of ${load.requests} requests failed: ${load.failures.map(({ reason }) => reason).join("; ")}`);
      const left = (await leftOn(stage.host)).filter((name) => /^container .*-v3-/.test(name));
      expect(left.length === 0, `${left.join(", ")} was left behind`);
      await answers(stage, "v2");
      return `refused in ${seconds(outcome.seconds)}; 0 of ${count(load.requests)} failed; old version serves`;
    },
  },
  {
    promise: "container stopped by hand",
    sentence: "The app's container is stopped by hand on the server: the preview shows it, and the next run repairs it.",
    play: async (stage) => {
      await stage.stack.configure({ image: stage.versions.v2.ref });
      const container = await liveContainer(stage);
      console.log(`  on the server: docker stop ${container}`);
      await stage.host.docker.getContainer(container).stop();
      const preview = await stage.run("preview");
      succeeded(preview);
      expect(/\(drift\)/.test(preview.output), `the preview does not name it:\n${preview.output}`);
      const outcome = await stage.run("up --skip-preview");
      succeeded(outcome);
      await answers(stage, "v2");
      return `seen in the preview, healed in ${seconds(outcome.seconds)}`;
    },
  },
];

/** Not played when the stage is to be kept. */
export const END: Chapter = {
  promise: "destroy",
  sentence: "Destroy takes away all of ours, and nothing of anybody else's.",
  play: async (stage) => {
    succeeded(await stage.run("destroy"));
    const left = await leftOn(stage.host);
    expect(left.includes(STRANGER_RUNS), "the stranger's container does not run any more");
    const ours = left.filter((name) => name !== STRANGER_RUNS);
    expect(ours.length === 0, `left on the server: ${ours.join(", ")}`);
    return "nothing of ours left, the stranger's container still runs";
  },
};

async function liveContainer({ host }: Stage): Promise<string> {
  const running = await host.docker.listContainers({ filters: { label: ["service=shop", "role=web"] } });
  const [name] = running.map(({ Names }) => Names[0]?.slice(1));
  expect(name !== undefined && running.length === 1, `${running.length} containers of the app run instead of 1`);
  return name ?? "";
}
