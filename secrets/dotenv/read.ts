import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { parseDotenv } from "../../core/dotenv.ts";
import type { Bytes } from "../../core/words.ts";
import type { Asking, Found } from "../asking.ts";
import { Refusal } from "../refusal.ts";
import { evaluate, type InFile } from "./evaluate.ts";

const LARGEST: Bytes = 1024 * 1024;

/** Files of dotenv, of which a later one takes precedence. @param folder where commands run, from the project's folder */
export async function askDotenv(files: readonly string[], folder = ".", keys: readonly string[], asking: Asking): Promise<Found> {
  const read = await Promise.all(files.map((file) => assignmentsIn(file, asking.folder)));
  return evaluate(read.flat(), keys, resolve(asking.folder, folder), asking);
}

async function assignmentsIn(file: string, root: string): Promise<InFile[]> {
  const path = resolve(root, file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Refusal(`there is no file ${file}; paths are relative to the project's folder`);
  if (!found.isFile()) throw new Refusal(`${file} is not a file`);
  if (found.size > LARGEST) throw new Refusal(`${file} has more than 1 MiB`);
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    throw new Refusal(`${file} cannot be read (${thrown.code})`, { cause: thrown });
  });
  return parseDotenv(text).map((one) => ({ ...one, file }));
}
