import { access, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../core/error.ts";
import { stableHash } from "../core/values.ts";
import { command } from "./command.ts";
import { alone } from "./lock.ts";
import { folder, timed } from "./state.ts";

/** A static Linux binary of a Go package, built once per source and architecture. */
export interface GoBuild {
  readonly name: string;
  /** Folder of the module. */
  readonly from: string;
  /** @example "./..." or "github.com/basecamp/kamal-proxy/cmd/kamal-proxy" */
  readonly target: string;
  readonly architecture?: string;
  readonly ldflags?: string;
}

/** The binary's bytes. */
export const goBinary = async (wanted: GoBuild): Promise<Buffer> => readFile(await goBinaryFile(wanted));

/** Path of the binary on this machine. */
export async function goBinaryFile({
  name,
  from,
  target,
  architecture = hostArchitecture(),
  ldflags = "-s -w",
}: GoBuild): Promise<string> {
  const sources = (await readdir(from)).sort();
  const texts = await Promise.all(sources.map((file) => readFile(join(from, file), "utf8")));
  const key = stableHash([target, architecture, ldflags, texts]).slice(0, 12);
  const file = join(await folder("bin"), `${name}-${architecture}-${key}`);
  const made = async () => {
    if (!(await exists(file)))
      await timed(`build ${name} for ${architecture}`, () => build(from, target, architecture, ldflags, file));
  };
  // The lab is started while the first tests run, some of which need a binary of it.
  if (!(await exists(file))) await alone(made, `${name}-${architecture}`);
  return file;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** This machine's architecture, as Docker and Go name it. */
export const hostArchitecture = (): string => (process.arch === "x64" ? "amd64" : process.arch);

async function build(from: string, target: string, architecture: string, ldflags: string, file: string): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: "0", GOOS: "linux", GOARCH: architecture, GOFLAGS: "-buildvcs=false" };
  const argv = ["go", "build", "-trimpath", `-ldflags=${ldflags}`, "-o", `${file}.part`, target] as const;
  await command(argv, { cwd: from, env, timeout: 900 }).catch((cause: unknown) => {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (!missing) throw cause;
    throw new SlipwayError(
      {
        code: "TOOL_MISSING",
        what: "the lab builds its test app and kamal-proxy with Go, which this machine lacks",
        servesNow: "nothing: the lab was not started",
        next: "install Go 1.25 or newer and put it on PATH, then start the lab again",
      },
      { cause },
    );
  });
  await rename(`${file}.part`, file); // a killed build leaves no incomplete binary under the final name
}
