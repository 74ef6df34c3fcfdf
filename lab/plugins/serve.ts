import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { LogRequest as Log } from "@pulumi/pulumi/proto/engine_pb.js";
import type * as Messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct as Wire } from "google-protobuf/google/protobuf/struct_pb.js";
import { messageOf } from "../../core/error.ts";
import { differences } from "./diff.ts";
import { HalfMade, type Kind, type Plugin } from "./kind.ts";
import { closed, isUnknown, type Opened, opened, type Props, UNKNOWN } from "./values.ts";

type Call<Request> = ServerUnaryCall<Request, unknown>;
type Answers<Request, Reply> = (request: Request) => Promise<Reply> | Reply;

const OWNER_CHECK_MS = 500;

// All from one copy: messages of two copies of google-protobuf are incompatible.
const require = createRequire(import.meta.url);
const fromSdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc: typeof import("@grpc/grpc-js") = fromSdk("@grpc/grpc-js");
const { ResourceProviderService } = fromSdk("./proto/provider_grpc_pb.js");
const messages: typeof Messages = fromSdk("./proto/provider_pb.js");
const { PluginInfo }: typeof import("@pulumi/pulumi/proto/plugin_pb.js") = fromSdk("./proto/plugin_pb.js");
const { Status }: typeof import("@pulumi/pulumi/proto/status_pb.js") = fromSdk("./proto/status_pb.js");
const { EngineClient }: typeof import("@pulumi/pulumi/proto/engine_grpc_pb.js") = fromSdk("./proto/engine_grpc_pb.js");
const { LogRequest, LogSeverity }: typeof import("@pulumi/pulumi/proto/engine_pb.js") = fromSdk("./proto/engine_pb.js");
const { Struct }: { Struct: typeof Wire } = fromSdk("google-protobuf/google/protobuf/struct_pb.js");
const { Any } = fromSdk("google-protobuf/google/protobuf/any_pb.js");
const { Empty } = fromSdk("google-protobuf/google/protobuf/empty_pb.js");

/**
 * Serves a provider to Pulumi's engine, as a plugin does: prints its port, then serves until it is terminated or the engine ends.
 */
export function serve(plugin: Plugin): void {
  const engine = engineAt(process.argv[2]);
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, service(plugin, engine));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (failure, port) => {
    if (failure !== null) throw failure;
    process.stdout.write(`${port}\n`);
  });
  const owner = process.ppid;
  setInterval(() => process.ppid === owner || process.exit(), OWNER_CHECK_MS).unref();
}

type Say = (urn: string, line: string) => void;

function engineAt(address: string | undefined): Say {
  if (address === undefined) return () => {};
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (urn, line) => {
    const request: Log = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(line).setUrn(urn);
    client.log(request, (failure: Error | null) => failure !== null && console.error(failure.message));
  };
}

function service(plugin: Plugin, say: Say): UntypedServiceImplementation {
  return {
    getPluginInfo: unary(() => new PluginInfo().setVersion(plugin.version)),
    getSchema: unary(() => new messages.GetSchemaResponse().setSchema(JSON.stringify({ name: "", version: plugin.version }))),
    checkConfig: unary((ask: Messages.CheckRequest) => new messages.CheckResponse().setInputs(ask.getNews())),
    diffConfig: unary(() => new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary((ask: Messages.ConfigureRequest) => configured(plugin, ask)),
    check: unary((ask: Messages.CheckRequest) => checked(kindOf(plugin, ask.getUrn()), ask)),
    diff: unary((ask: Messages.DiffRequest) => differing(kindOf(plugin, ask.getUrn()), ask)),
    create: unary((ask: Messages.CreateRequest) => created(kindOf(plugin, ask.getUrn()), ask, say)),
    read: unary((ask: Messages.ReadRequest) => found(kindOf(plugin, ask.getUrn()), ask)),
    update: unary((ask: Messages.UpdateRequest) => updated(kindOf(plugin, ask.getUrn()), ask, say)),
    delete: unary(async (ask: Messages.DeleteRequest) => {
      const context = { log: (line: string) => say(ask.getUrn(), line) };
      await kindOf(plugin, ask.getUrn()).delete(ask.getId(), open(ask.getProperties()).props, context);
      return new Empty();
    }),
    invoke: unary(async (ask: Messages.InvokeRequest) => {
      const { props } = open(ask.getArgs());
      return new messages.InvokeResponse().setReturn(wire(await plugin.invoke(ask.getTok(), props)));
    }),
    cancel: unary(() => new Empty()),
    attach: unary(() => new Empty()),
  };
}

/** Answers with the result of `work`, or with its error in the engine's form. */
const unary =
  <Request, Reply>(work: Answers<Request, Reply>) =>
  (call: Call<Request>, answer: sendUnaryData<Reply>): void => {
    Promise.resolve()
      .then(() => work(call.request))
      .then((reply) => answer(null, reply))
      .catch((failure: unknown) => answer(refusal(failure)));
  };

function refusal(failure: unknown): {
  code: number;
  message: string;
  details: string;
  metadata: import("@grpc/grpc-js").Metadata;
} {
  const metadata = new grpc.Metadata();
  const message = messageOf(failure);
  if (failure instanceof HalfMade) {
    const detail = new messages.ErrorResourceInitFailed().setId(failure.id).setProperties(wire(failure.outputs));
    const packed = new Any();
    packed.pack(detail.setReasonsList([message]).serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([packed]);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, message, details: message, metadata };
}

function configured(plugin: Plugin, ask: Messages.ConfigureRequest): Messages.ConfigureResponse {
  const plain = Object.entries(open(ask.getArgs()).props).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value]] : [],
  );
  const variables = ask.getVariablesMap().toArray() as [string, string][];
  const named = variables.map(([key, value]) => [key.replace(/^.*:/, ""), value]);
  plugin.configure(Object.fromEntries([...plain, ...named]));
  return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
}

const ofUrn = (urn: string): { type: string; name: string } => {
  const [, , chain = "", ...name] = urn.split("::");
  return { type: chain.slice(chain.lastIndexOf("$") + 1), name: name.join("::") };
};

function kindOf(plugin: Plugin, urn: string): Kind {
  const { type } = ofUrn(urn);
  const kind = plugin.kinds[type];
  if (kind === undefined) throw new Error(`the lab's fake plugin does not support ${type}`);
  return kind;
}

async function checked(kind: Kind, ask: Messages.CheckRequest): Promise<Messages.CheckResponse> {
  const { props, secret } = open(ask.getNews());
  const answer = new messages.CheckResponse();
  const unknown = Object.keys(props).filter((key) => key !== "__defaults" && !(key in kind.properties));
  answer.setFailuresList(
    unknown.map((key) => new messages.CheckFailure().setProperty(key).setReason("the lab's fake plugin does not support it")),
  );
  const { props: before } = open(ask.getOlds());
  const inputs = kind.named === true ? { ...props, ...nameFor(props, before, ofUrn(ask.getUrn()).name) } : props;
  const complete = kind.check === undefined || isUnknown(inputs) ? inputs : await kind.check(inputs);
  return answer.setInputs(wire(complete, secret));
}

/** As in bridged providers, a generated name is kept. */
function nameFor(props: Props, before: Props, resource: string): Props {
  if (props.name !== undefined) return { __defaults: [] };
  const wasMadeUp = Array.isArray(before.__defaults) && before.__defaults.includes("name");
  return { name: wasMadeUp ? before.name : `${resource}-${randomBytes(4).toString("hex").slice(0, 7)}`, __defaults: ["name"] };
}

function differing(kind: Kind, ask: Messages.DiffRequest): Messages.DiffResponse {
  const [there, wanted, before] = [ask.getOlds(), ask.getNews(), ask.getOldInputs()].map((one) => open(one).props);
  const found = differences(kind, there ?? {}, wanted ?? {}, before ?? {}, ask.getIgnorechangesList());
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  const answer = new messages.DiffResponse()
    .setChanges(found.changed.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...found.changed])
    .setReplacesList([...found.replaces])
    .setDeletebeforereplace(found.deleteBeforeReplace)
    .setHasdetaileddiff(true);
  const { ADD, DELETE, UPDATE, ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  for (const key of found.changed) {
    const [plain, replace] =
      before?.[key] === undefined
        ? [ADD, ADD_REPLACE]
        : wanted?.[key] === undefined
          ? [DELETE, DELETE_REPLACE]
          : [UPDATE, UPDATE_REPLACE];
    const detail = new messages.PropertyDiff().setKind(found.replaces.includes(key) ? replace : plain);
    answer.getDetaileddiffMap().set(key, detail.setInputdiff(true));
  }
  return answer;
}

/** The known outputs of an update; computed values are unknown. */
function expected(kind: Kind, inputs: Props, before: Props = {}): Props {
  const computed = Object.keys(kind.properties).filter((key) => kind.properties[key]?.computed && inputs[key] === undefined);
  const known = kind.renews === true ? {} : before;
  const open = [...kind.outputs, ...computed].map((key) => [key, known[key] ?? UNKNOWN]);
  return { ...Object.fromEntries(open), ...inputs };
}

async function created(kind: Kind, ask: Messages.CreateRequest, say: Say): Promise<Messages.CreateResponse> {
  const { props, secret } = open(ask.getProperties());
  const answer = new messages.CreateResponse();
  if (ask.getPreview() || isUnknown(props)) return answer.setProperties(wire(expected(kind, props), secretsOf(kind, secret)));
  const { id, outputs } = await kind.create(props, { log: (line) => say(ask.getUrn(), line) });
  return answer.setId(id).setProperties(wire({ ...props, ...outputs }, secretsOf(kind, secret)));
}

async function updated(kind: Kind, ask: Messages.UpdateRequest, say: Say): Promise<Messages.UpdateResponse> {
  const { props, secret } = open(ask.getNews());
  const before = open(ask.getOlds());
  const answer = new messages.UpdateResponse();
  const secrets = secretsOf(kind, secret, before.secret);
  if (ask.getPreview()) return answer.setProperties(wire(expected(kind, props, before.props), secrets));
  const outputs = await kind.update(ask.getId(), props, before.props, { log: (line) => say(ask.getUrn(), line) });
  return answer.setProperties(wire({ ...props, ...outputs }, secrets));
}

async function found(kind: Kind, ask: Messages.ReadRequest): Promise<Messages.ReadResponse> {
  const [known, inputs] = [open(ask.getProperties()), open(ask.getInputs())];
  const answer = new messages.ReadResponse();
  const outputs = await kind.read(ask.getId(), known.props);
  if (outputs === undefined) return answer;
  const state = { ...known.props, ...outputs };
  const isImport = Object.keys(inputs.props).length === 0;
  const keys = Object.keys(isImport ? kind.properties : inputs.props);
  const fresh = keys.map((key) => [key, freshInput(kind, key, inputs.props[key], state[key])]);
  return answer
    .setId(ask.getId())
    .setProperties(wire(state, known.secret))
    .setInputs(wire(Object.fromEntries(fresh), inputs.secret));
}

/** An input keeps its written form while it is equal to the actual value. */
function freshInput(kind: Kind, key: string, written: unknown, there: unknown): unknown {
  const property = kind.properties[key];
  if (property === undefined || there === undefined) return written;
  const { changed } = differences({ ...kind, properties: { [key]: property } }, { [key]: there }, { [key]: written }, {}, []);
  return written !== undefined && changed.length === 0 ? written : there;
}

function secretsOf(kind: Kind, ...given: ReadonlySet<string>[]): Set<string> {
  const secret = new Set(given.flatMap((keys) => [...keys]));
  for (const [output, inputs] of Object.entries(kind.secretFrom ?? {}))
    if (inputs.some((key) => secret.has(key))) secret.add(output);
  return secret;
}

const open = (struct: Wire | undefined): Opened => opened(struct?.toJavaScript() ?? {});

const wire = (props: Props, secret: ReadonlySet<string> = new Set()): Wire => Struct.fromJavaScript(closed(props, secret));
