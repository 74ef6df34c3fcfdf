import { parentPort, workerData } from "node:worker_threads";
import { Relay } from "../../../lab/relay.ts";
import { Uplink } from "../../../lab/uplink.ts";
import type { LineEnd, LinesAnswer, LinesQuestion } from "./lines.ts";

const relays = await Promise.all((workerData as readonly LineEnd[]).map(({ to, on }) => Relay.to(to, on)));
const answer = (said: LinesAnswer) => parentPort?.postMessage(said);

parentPort?.on("message", ({ id, shape }: LinesQuestion) => {
  if (shape !== undefined) {
    const uplink = shape.mbit === undefined ? undefined : Uplink.of(shape.mbit);
    for (const relay of relays) {
      relay.delay(shape.rtt_ms / 2);
      relay.limit(uplink);
    }
  }
  answer({ id, traffic: relays.map(({ traffic }) => traffic) });
});
answer({ ports: relays.map(({ port }) => port) });
