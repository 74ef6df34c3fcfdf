import type { IncomingMessage } from "node:http";
import type Dockerode from "dockerode";
import { readAtMost } from "../../core/read-at-most.ts";
import { parseJson } from "../../core/text.ts";
import type { Bytes } from "../../core/words.ts";
import type { Call } from "./patience.ts";

/** A list of all containers of a large host has some MB. */
const MOST_OF_AN_ANSWER: Bytes = 64 * 1024 * 1024;
export const MOST_OF_A_REFUSAL: Bytes = 64 * 1024;

type Modem = Dockerode["modem"];
type Request = Parameters<Modem["dial"]>[0];

/** Every status is an answer, which is read here and not by docker-modem, which has no limit. */
const ANY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));

/** The modem for one call: what it reads into memory is bounded, and it ends with the call. */
export function boundedModem(modem: Modem, { signal, renew }: Call): Modem {
  const bounded: Modem = Object.create(modem);
  bounded.dial = (request, done = () => {}) => {
    const abortSignal = request.abortSignal === undefined ? signal : AbortSignal.any([request.abortSignal, signal]);
    modem.dial({ ...request, abortSignal, isStream: true, statusCodes: ANY_STATUS }, (error, answer = null) => {
      if (error) return done(error, null);
      if (!isAnswer(answer) || request.openStdin === true) return done(null, answer);
      finish(request, answer, renew).then(
        (result) => done(null, result),
        (thrown) => done(thrown, null),
      );
    });
  };
  return bounded;
}

const isAnswer = (answer: unknown): answer is IncomingMessage =>
  typeof answer === "object" && answer !== null && "statusCode" in answer && "headers" in answer;

async function finish(request: Request, answer: IncomingMessage, renew: () => void): Promise<object | null> {
  const { statusCode = 0 } = answer;
  if (request.statusCodes?.[statusCode] !== true) throw refused(statusCode, await readAtMost(answer, MOST_OF_A_REFUSAL));
  if (request.isStream === true) return answer;
  const body = await readAtMost(answer, MOST_OF_AN_ANSWER, renew);
  const parsed = parseJson(body.toString("utf8"));
  return typeof parsed === "object" ? parsed : body;
}

/** In the form of docker-modem. */
function refused(statusCode: number, body: Buffer): Error {
  const text = body.toString("utf8");
  const json = parseJson(text);
  return Object.assign(new Error(text.trim() === "" ? `Docker answered with status ${statusCode}` : text), { statusCode, json });
}
