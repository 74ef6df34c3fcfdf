/** `npm run demo`: what Slipway promises, one promise after the other, on real parts on this machine. */
import { parseArgs, styleText } from "node:util";
import { messageOf } from "../core/error.ts";
import { type Lab, labStatus, startLab, stopLab } from "../lab/lab.ts";
import { howToGoOn } from "./demo/keep.ts";
import { table } from "./demo/output.ts";
import { HOST, Stage } from "./demo/stage.ts";
import { Broken, type Chapter, END, STORY } from "./demo/story.ts";
import { ensurePulumi } from "./pulumi/index.ts";

const USAGE = `npm run demo [-- --keep]

  --keep   leaves the server and the app up, and says how to go on by hand
`;

interface Played {
  readonly promise: string;
  readonly measured: string;
  readonly kept: boolean;
}

async function play(stage: Stage, story: readonly Chapter[]): Promise<Played[]> {
  const played: Played[] = [];
  for (const [index, { promise, sentence, play }] of story.entries()) {
    console.log(`\n${styleText("bold", `${index + 1}. ${sentence}`)}`);
    try {
      const measured = await play(stage);
      console.log(`  ${styleText("green", "✓")} ${measured}`);
      played.push({ promise, measured, kept: true });
    } catch (thrown) {
      console.log(`  ${styleText("red", "✗")} ${messageOf(thrown)}`);
      played.push({ promise, measured: `NOT KEPT: ${messageOf(thrown).split("\n", 1)[0]}`, kept: false });
      // The next chapters go on from here, so there is nothing to go on from. A fault of the demo itself keeps its stack.
      if (!(thrown instanceof Broken)) console.error(thrown);
      break;
    }
  }
  return played;
}

async function getReady(): Promise<Lab> {
  const start = performance.now();
  console.log("Getting ready: the Pulumi CLI, and a lab on this machine with a server (SSH, Docker) and a registry.");
  console.log("The first time takes some minutes, since what cannot be downloaded is built; after that some seconds.");
  await ensurePulumi();
  const lab = await startLab({ hosts: [HOST] });
  console.log(`Ready after ${((performance.now() - start) / 1000).toFixed(1)} s: ${HOST} at ${lab.host(HOST).address}.`);
  return lab;
}

/** Gives whether all promises were kept. */
async function demo(lab: Lab, keep: boolean): Promise<boolean> {
  const start = performance.now();
  const stage = await Stage.set(lab);
  // Ctrl-C reaches the Pulumi that runs, which ends; the chapter fails, and what was started is cleaned up.
  process.once("SIGINT", () => {});
  const story = keep ? STORY : [...STORY, END];
  try {
    const played = await play(stage, story);
    const untold = story.slice(played.length).map(({ promise }) => [promise, "not tried"] as const);
    const rows = [...played.map(({ promise, measured }) => [promise, measured] as const), ...untold];
    console.log(`\n${table(["promise", "measured"], rows)}`);
    console.log(`\nThe whole took ${((performance.now() - start) / 1000).toFixed(0)} s.`);
    return untold.length === 0 && played.every(({ kept }) => kept);
  } finally {
    if (keep) console.log(howToGoOn(stage));
    else await stage[Symbol.asyncDispose]();
  }
}

const { values } = parseArgs({
  options: { keep: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  console.log(USAGE);
} else {
  const wasUp = (await labStatus()).engine === "running";
  try {
    const kept = await demo(await getReady(), values.keep);
    if (!kept) process.exitCode = 1;
  } finally {
    if (!values.keep && !wasUp) await stopLab();
  }
}
