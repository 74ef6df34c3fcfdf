/**
 * The Node language host for a Pulumi CLI that is built from its Go module, which has none: it implements the engine's
 * `LanguageRuntime` service and runs the program with the program's own `@pulumi/pulumi`. It behaves like Pulumi's own for preview,
 * up, refresh and destroy; installing dependencies and generating code are left to npm and the official CLI.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { AboutResponse, LanguageHandshakeResponse, RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb.js";

type Answer<Reply> = sendUnaryData<Reply>;
type Call<Request> = ServerUnaryCall<Request, unknown>;

/** The exit code of `@pulumi/pulumi/cmd/run` if it has already printed the error. */
const ALREADY_TOLD = 32;
const KILL_AFTER_MS = 5000;
const OWNER_CHECK_MS = 500;

enableCompileCache();

const { positionals } = parseArgs({ options: { tracing: { type: "string" } }, allowPositionals: true, strict: false });
const engineAddress = positionals.at(-1) ?? "";

// The engine starts this process in the program's folder: all of Pulumi is loaded from there, nothing from beside this file.
const fromProgram = createRequire(join(process.cwd(), "/"));
const fromSdk = createRequire(fromProgram.resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = fromSdk("@grpc/grpc-js");
const { LanguageRuntimeService } = fromSdk("./proto/language_grpc_pb.js");
const messages: typeof import("@pulumi/pulumi/proto/language_pb.js") = fromSdk("./proto/language_pb.js");
const { PluginInfo }: typeof import("@pulumi/pulumi/proto/plugin_pb.js") = fromSdk("./proto/plugin_pb.js");
const { Empty } = fromSdk("google-protobuf/google/protobuf/empty_pb.js");
const sdkVersion: string = fromSdk("./package.json").version;

const programs = new Set<ChildProcess>();
let stopping = false;

const service: UntypedServiceImplementation = {
  handshake: (_: Call<unknown>, answer: Answer<LanguageHandshakeResponse>) =>
    answer(null, new messages.LanguageHandshakeResponse()),
  getPluginInfo: (_: Call<unknown>, answer: Answer<unknown>) => answer(null, new PluginInfo().setVersion(sdkVersion)),
  // None: a plugin is looked up when it is used.
  getRequiredPackages: (_: Call<unknown>, answer: Answer<unknown>) => answer(null, new messages.GetRequiredPackagesResponse()),
  getRequiredPlugins: (_: Call<unknown>, answer: Answer<unknown>) => answer(null, new messages.GetRequiredPluginsResponse()),
  getProgramDependencies: (_: Call<unknown>, answer: Answer<unknown>) =>
    answer(null, new messages.GetProgramDependenciesResponse()),
  about: (_: Call<unknown>, answer: Answer<AboutResponse>) =>
    answer(null, new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  run: (call: Call<RunRequest>, answer: Answer<RunResponse>) => {
    runProgram(call)
      .then(
        (response) => answer(null, response),
        (failure: unknown) => answer(null, new messages.RunResponse().setError(String(failure))),
      )
      .finally(() => setImmediate(leave));
  },
  cancel: (_: Call<unknown>, answer: Answer<unknown>) => {
    stopPrograms();
    answer(null, new Empty());
  },
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, service);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (failure, port) => {
  if (failure !== null) throw failure;
  process.stdout.write(`${port}\n`);
});

process.on("SIGINT", stop);
process.on("SIGTERM", stop);
// A killed engine sends nothing; without this check the program and its host would outlive it.
const owner = process.ppid;
setInterval(() => process.ppid === owner || stop(), OWNER_CHECK_MS).unref();

/** A failed update stops this host while the program is still ending. The user is waiting, so exit as soon as the program has. */
function stop(): void {
  stopping = true;
  stopPrograms();
  leave();
  setTimeout(() => process.exit(), KILL_AFTER_MS + 100);
}

function leave(): void {
  if (stopping && programs.size === 0) process.exit();
}

function stopPrograms(): void {
  for (const program of programs) {
    program.kill("SIGINT");
    setTimeout(() => program.kill("SIGKILL"), KILL_AFTER_MS).unref();
  }
}

async function runProgram(call: Call<RunRequest>): Promise<RunResponse> {
  const request = call.request;
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const runner = process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH || "@pulumi/pulumi/cmd/run";

  const program = spawn(
    process.execPath,
    [
      ...words(String(options.nodeargs ?? "")),
      createRequire(join(folder, "/")).resolve(runner),
      ...flags(request, folder),
      info?.getEntryPoint() || request.getProgram() || ".",
      ...request.getArgsList(),
    ],
    {
      // The engine prints the output of this process, so the program writes into the same pipes.
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PULUMI_CONFIG: configOf(request),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: String(options.tsconfig) } : {}),
      },
    },
  );
  programs.add(program);
  call.on("cancelled", stopPrograms);
  const response = await outcome(program);
  programs.delete(program);
  return response;
}

function outcome(program: ChildProcess): Promise<RunResponse> {
  const response = new messages.RunResponse();
  return new Promise((resolve) => {
    program.once("error", (failure) => resolve(response.setError(`Problem executing program: ${failure.message}`)));
    program.once("exit", (code, signal) => {
      if (code === ALREADY_TOLD) return resolve(response.setBail(true));
      if (code === 0) return resolve(response);
      resolve(response.setError(signal ? `Program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`));
    });
  });
}

function flags(request: RunRequest, folder: string): string[] {
  const values = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": request.getInfo()?.getRootDirectory(),
    stack: request.getStack(),
    pwd: folder,
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  return request.getDryrun() ? [...given, "--dry-run"] : given;
}

/** The SDK reads keys in the old form `<namespace>:config:<name>`. */
function configOf(request: RunRequest): string {
  const entries = request.getConfigMap().toArray();
  return JSON.stringify(
    Object.fromEntries(entries.map(([key, value]) => [key.replace(/^([^:]+):(?:config:)?/, "$1:config:"), value])),
  );
}

/** Splits words and quotes like a shell, without any other shell syntax. */
function words(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
