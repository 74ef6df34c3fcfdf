import { execFile } from "node:child_process";
import { signalChild } from "../core/child.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Bytes, Seconds } from "../core/words.ts";

const PATIENCE: Seconds = 60;
const LARGEST_STATE: Bytes = 256 * 1024 * 1024;
const TAIL = 8;

export interface PulumiOptions {
  /** Written to its stdin. Secrets go this way: every user of this machine can read arguments. */
  readonly input?: string;
  /** Aborted when the answer is no longer needed. */
  readonly signal?: AbortSignal;
}

/** Runs the Pulumi CLI, which knows every backend, without prompts. Returns its stdout. */
export function pulumi(args: readonly string[], folder: string, { input = "", signal }: PulumiOptions = {}): Promise<string> {
  // Garbage collection costs such a short process 40–70 ms of CPU (measured).
  const env = { GOGC: "1000", ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const options = { cwd: folder, env, timeout: PATIENCE * 1000, maxBuffer: LARGEST_STATE };
  return new Promise((resolve, reject) => {
    const child = execFile("pulumi", [...args, "--non-interactive", "--color", "never"], options, (error, stdout, stderr) => {
      signal?.removeEventListener("abort", end);
      if (error === null) resolve(stdout);
      else reject(error.code === ENOENT ? absent() : refused(args, error.killed === true, stderr));
    });
    // Not by execFile's own `signal`, which also signals what could not be started.
    const end = () => {
      signalChild(child, "SIGTERM");
      if (child.pid !== undefined) reject(new DOMException("the answer is no longer needed", "AbortError"));
    };
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
    // A process that exits before it has read its input reports the reason by its exit code.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** Arguments that choose a stack; without them, Pulumi takes the selected one. */
export const stackArguments = (stack: string | undefined): readonly string[] => (stack === undefined ? [] : ["--stack", stack]);

/** The name of the selected stack. */
export const selectedStack = async (folder: string): Promise<string> => (await pulumi(["stack", "--show-name"], folder)).trim();

/** What `pulumi stack export` prints: the complete state, secrets encrypted. */
export const exportStack = (stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> =>
  pulumi(["stack", "export", ...stackArguments(stack)], folder, options);

/** The same with the values of secrets, which takes longer and may need a passphrase. */
export const exportPlain = (stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> =>
  pulumi(["stack", "export", "--show-secrets", ...stackArguments(stack)], folder, options);

/** What `pulumi config --show-secrets --json` prints. It decrypts, which takes time and may need a passphrase. */
export const showConfig = (stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> =>
  pulumi(["config", "--show-secrets", "--json", ...stackArguments(stack)], folder, options);

const ENOENT: unknown = "ENOENT";

/** The Pulumi CLI is not installed. */
export const absent = (): SlipwayError =>
  new SlipwayError({
    code: "TOOL_MISSING",
    what: "pulumi is not on PATH; it is needed to read the state of the stack",
    servesNow: NOTHING_TOUCHED,
    next: "npx slipway install fetches Pulumi; or install it yourself: https://www.pulumi.com/docs/iac/download-install",
  });

function refused(args: readonly string[], late: boolean, stderr: string): SlipwayError {
  const said = stderr.split("\n").filter((line) => line.trim() !== "");
  const what = args.filter((word) => !word.startsWith("-")).slice(0, 2);
  return new SlipwayError({
    code: "PULUMI_FAILED",
    what: `pulumi ${what.join(" ")} ${late ? `did not answer within ${PATIENCE} s` : "failed"}`,
    evidence: said.slice(-TAIL),
    servesNow: NOTHING_TOUCHED,
    next: "choose the stack with --stack (pulumi stack ls lists all), and check that pulumi login reaches its backend",
  });
}
