import { resolve } from "node:path";
import type { SourcePlace } from "../config/index.ts";
import { parseDotenv } from "../core/dotenv.ts";
import { parseJson } from "../core/text.ts";
import { isMap } from "../core/values.ts";
import type { Asking, Found } from "./asking.ts";
import { flat, pick } from "./json.ts";
import { Refusal } from "./refusal.ts";
import { because, call } from "./tool.ts";

type Place = Extract<SourcePlace, { readonly kind: "command" }>;

/** A program of the user's. It may ask the person at the terminal. */
export async function askCommand(
  { command, folder = ".", prints }: Place,
  keys: readonly string[],
  asking: Asking,
): Promise<Found> {
  const [written = "", ...args] = command;
  if (prints !== undefined && !keys.includes(prints)) return { values: {} };
  const inFolder = resolve(asking.folder, folder);
  // A path is relative to the folder, a name is looked up in PATH.
  const program = written.includes("/") ? resolve(inFolder, written) : written;
  const install = "install it, or write its path";
  const ended = await call({ program, install }, args, asking, { folder: inFolder, mayPrompt: true });
  if (ended.code !== 0) throw new Refusal(because(written, ended));
  if (prints !== undefined) return { values: { [prints]: ended.stdout.replace(/\r?\n$/, "") } };
  return pick(printed(ended.stdout, written), keys);
}

/** In dotenv, what a program prints is data: nothing in it is run or replaced. */
function printed(text: string, program: string): Found {
  const json = parseJson(text);
  if (isMap(json)) return flat(json);
  const lines = parseDotenv(text);
  if (lines.length === 0)
    throw new Refusal(`${program} printed neither a JSON object nor NAME=value; for one value alone write prints: NAME`);
  const values = lines.map(({ name, parts }) => {
    const literal = parts.map((part) =>
      part.kind === "text" ? part.text : part.kind === "command" ? `$(${part.command})` : part.written,
    );
    return [name, literal.join("")] as const;
  });
  return { values: Object.fromEntries(values) };
}
