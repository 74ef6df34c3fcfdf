import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";

/** A file for one command, which its preview and its update share: the engine starts this process twice. */
export const SHOWN_PLANS_VARIABLE = "SLIPWAY_SHOWN_PLANS";

/** Which plans a person has seen. Each is shown once in a run, and by the update only if it is not that of the preview. */
export class ShownPlans {
  readonly #file: string | undefined;
  readonly #before: ReadonlySet<string>;
  readonly #resources = new Set<string>();

  /** @param file of the command; absent where each process is a run of its own */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#before = new Set(file === undefined ? [] : linesOf(file));
  }

  /** Whether a plan is to be shown; from then on it has been. */
  show(urn: string, text: string): boolean {
    if (text === "" || (urn !== "" && this.#resources.has(urn))) return false;
    this.#resources.add(urn);
    // Hashes alone: what is on the screen need not be in a file.
    const hash = createHash("sha256").update(`${urn}\0${text}`).digest("hex");
    if (this.#before.has(hash)) return false;
    if (this.#file !== undefined) append(this.#file, `${hash}\n`);
    return true;
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** A plan that is shown twice is better than a run that fails. */
function append(file: string, line: string): void {
  try {
    appendFileSync(file, line);
  } catch {}
}
