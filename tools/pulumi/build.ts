import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, link, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { onPath } from "../../cli/engine/pulumi/found.ts";
import { PULUMI_VERSION } from "../../cli/engine/pulumi/version.ts";
import { notice } from "../../cli/terminal/failure.ts";
import { since } from "../../cli/terminal/format.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_FLAG = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`;
/** `node` is looked up on PATH at each run, so that it is the program's own. */
const WRAPPER = ["#!/bin/sh", 'exec node "$(dirname "$0")/language-host.mjs" "$@"', ""].join("\n");
const TAIL = 12;

/**
 * Builds the CLI from its Go module into `folder`/pulumi; go.sum pins every source file it is built from. With cgo it would refuse a user
 * id without an entry in passwd, as in some CI containers; without, it takes USER and HOME.
 */
export async function buildPulumi(folder: string): Promise<void> {
  const go = onPath("go");
  if (go === undefined) throw noGo();
  const start = performance.now();
  notice(`building Pulumi ${PULUMI_VERSION} from its Go module: about 3 minutes on 2 cores, once per machine`);
  try {
    await promisify(execFile)(
      go,
      ["build", "-mod=readonly", "-trimpath", "-ldflags", `-s -w ${VERSION_FLAG}`, "-o", join(folder, "pulumi"), PACKAGE],
      {
        cwd: join(import.meta.dirname, "cli"),
        env: { ...process.env, GOWORK: "off", GOFLAGS: "", CGO_ENABLED: "0" },
        timeout: 20 * 60_000,
      },
    );
  } catch (failure) {
    throw buildFailed(failure);
  }
  notice(`built Pulumi ${PULUMI_VERSION} in ${since(start)}`);
}

/**
 * Fills `bin` with the built CLI, our own Node language host (the module has none) and npm's host of dynamic providers.
 * The CLI is a hard link, because Pulumi looks for the other two beside the real path of its executable.
 */
export async function assembleBin(bin: string, built: string): Promise<void> {
  await link(join(built, "pulumi"), join(bin, "pulumi"));
  await writeFile(join(bin, "language-host.mjs"), await asJavaScript(await languageHostSource()));
  await writeFile(join(bin, "pulumi-language-nodejs"), WRAPPER);
  await writeFile(join(bin, "pulumi-resource-pulumi-nodejs"), PROVIDER_HOST);
  await Promise.all(["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"].map((name) => chmod(join(bin, name), 0o755)));
}

async function asJavaScript(source: string): Promise<string> {
  const { default: ts } = await import("typescript");
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, removeComments: true };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

/** A hash of everything that `assembleBin` writes. */
export async function binFingerprint(): Promise<string> {
  const parts = [WRAPPER, PROVIDER_HOST, await languageHostSource()];
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 8);
}

const languageHostSource = (): Promise<string> => readFile(join(import.meta.dirname, "language-host.ts"), "utf8");

/**
 * Starts the SDK's host of dynamic providers. The npm package's own script starts Node to find it and then starts Node again; the
 * shell looks in the same places, which saves 40 ms in each run.
 */
const PROVIDER_HOST = `#!/bin/sh
folder=$PWD
until [ -e "$folder/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js" ]; do
  [ "$folder" = / ] && { echo "@pulumi/pulumi is not installed in $PWD or above" >&2; exit 1; }
  folder=$(dirname "$folder")
done
exec node "$folder/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js" "$@"
`;

const noGo = (): SlipwayError =>
  new SlipwayError({
    code: "TOOL_MISSING",
    what: `Pulumi ${PULUMI_VERSION} is not installed, cannot be downloaded, and cannot be built because go is not on PATH`,
    servesNow: NOTHING_TOUCHED,
    next: "install Pulumi (https://www.pulumi.com/docs/iac/download-install) or Go (https://go.dev/doc/install) and run the same command again",
  });

function buildFailed(failure: unknown): SlipwayError {
  const { stderr } = failure as { stderr?: string };
  const said = (stderr || messageOf(failure)).trim().split("\n");
  return new SlipwayError(
    {
      code: "TOOL_MISSING",
      what: `go could not build Pulumi ${PULUMI_VERSION}`,
      evidence: said.slice(-TAIL),
      servesNow: NOTHING_TOUCHED,
      next: "install Pulumi (https://www.pulumi.com/docs/iac/download-install), or fix the error of go, and run the same command again",
    },
    { cause: failure },
  );
}
