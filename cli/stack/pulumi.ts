import { execFile } from "node:child_process";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Bytes, Seconds } from "../../core/words.ts";

const PATIENCE: Seconds = 60;
const LARGEST_STATE: Bytes = 256 * 1024 * 1024;
const TAIL = 8;

export interface PulumiOptions {
  /** Written to its stdin: the way for secrets, since everybody on this machine can read arguments. */
  readonly input?: string;
  /** Aborted when nobody wants the answer any more. */
  readonly signal?: AbortSignal;
}

/** What the Pulumi CLI answers on stdout. It alone knows every backend, and asks for nothing: there may be nobody to answer. */
export function pulumi(args: readonly string[], folder: string, { input = "", signal }: PulumiOptions = {}): Promise<string> {
  // So short a process gains nothing by collecting garbage until it has 40 MB: measured, 40–70 ms of CPU each.
  const env = { GOGC: "1000", ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const options = { cwd: folder, env, timeout: PATIENCE * 1000, maxBuffer: LARGEST_STATE, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const child = execFile("pulumi", [...args, "--non-interactive", "--color", "never"], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.name === "AbortError") reject(error);
      else reject(error.code === ENOENT ? absent() : refused(args, error.killed === true, stderr));
    });
    // One that ends before it has read says why by its exit code.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** How Pulumi is told of a stack; without one, it takes the selected one. */
export const stackArguments = (stack: string | undefined): readonly string[] => (stack === undefined ? [] : ["--stack", stack]);

/** What `pulumi stack export` prints: all that the state says, secrets sealed. */
export const exportStack = (stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> =>
  pulumi(["stack", "export", ...stackArguments(stack)], folder, options);

/** What `pulumi config --show-secrets --json` prints. It decrypts: that takes its time, and may need a passphrase. */
export const showConfig = (stack: string | undefined, folder: string, options?: PulumiOptions): Promise<string> =>
  pulumi(["config", "--show-secrets", "--json", ...stackArguments(stack)], folder, options);

const ENOENT: unknown = "ENOENT";

/** The Pulumi CLI is the engine, and alone knows where state is kept. */
export const absent = (): SlipwayError =>
  new SlipwayError({
    what: "there is no pulumi on PATH, which reads the state of the stack",
    servesNow: NOTHING_TOUCHED,
    next: "install Pulumi (https://www.pulumi.com/docs/iac/download-install), or use npm run slipway -- … in a checkout of Slipway",
  });

function refused(args: readonly string[], late: boolean, stderr: string): SlipwayError {
  const said = stderr.split("\n").filter((line) => line.trim() !== "");
  const what = args.filter((word) => !word.startsWith("-")).slice(0, 2);
  return new SlipwayError({
    what: `pulumi ${what.join(" ")} ${late ? `did not answer within ${PATIENCE} s` : "failed"}`,
    evidence: said.slice(-TAIL),
    servesNow: NOTHING_TOUCHED,
    next: "name the stack with --stack (pulumi stack ls shows all), and check that pulumi login reaches its backend",
  });
}
