import { isScalar } from "./json-schema.ts";
import { byKey, type ProgramPlace } from "./program-place.ts";

/** Why a value has to be known when the program runs, and what to write. */
interface Reason {
  readonly because: string;
  readonly write: string;
}

const NAME: Reason = { because: "it is a part of names on the hosts", write: "write the name itself" };
const SERVER: Reason = { because: "it decides which resources there are", write: "write the Server itself" };
const PLACE: Reason = { because: "it decides on which servers the accessory runs", write: "set host or hosts to a Server" };
const TAG: Reason = { because: "it is the name of a part of env.tags", write: "write the name itself" };
const OWNER: Reason = { because: "it decides what on the hosts belongs to this stack", write: "write project/stack" };
const FILE: Reason = {
  because: "the file is read then",
  write: 'write its path, or { content, remote: "/path" } for a content that is an output',
};
const SECRET: Reason = { because: "it is the name of a secret", write: "pass the value in secrets, and write its name here" };
const VARIABLE: Reason = { because: "it is the name of a secret", write: "for a value, write a map: { NAME: value }" };

const BUILD: Reason = {
  because: "files and settings of a build are compared with those of the last one then",
  write: "write the value itself",
};
const OF_BUILD = [
  ...[
    "context",
    "dockerfile",
    "target",
    "args",
    "ssh",
    "arch",
    "arch[]",
    "clean",
    "remote",
    "with",
    "driver",
    "provenance",
    "sbom",
  ],
  ...["cache.type", "cache.image", "cache.options"],
];

const HOOK: Reason = { because: "it decides which hooks there are, and how they run", write: "write the value itself" };
const OF_APP = ["pre_build", "pre_deploy", "pre_app_boot", "post_app_boot", "post_deploy"];

const TRUST: Reason = { because: "images are verified before anything is declared", write: "write the value itself" };
const OF_TRUST = ["key", "key[]", "identity", "identity_regexp", "issuer", "issuer_regexp", "trusted_root", "transparency_log"];

/** By key: what decides which resources there are, or is used, before any value of another resource is known. */
const MUST_BE_KNOWN: Readonly<Record<string, Reason>> = {
  service: NAME,
  destination: NAME,
  servers: SERVER,
  "servers.hosts": SERVER,
  "servers.hosts.tags": TAG,
  "servers.hosts.tags[]": TAG,
  primary_role: { because: "it is the name of a role in servers", write: "write the name itself" },
  ...Object.fromEntries(OF_BUILD.map((key) => [`builder.${key}`, BUILD])),
  "builder.secrets[]": SECRET,
  ...Object.fromEntries(OF_TRUST.map((key) => [`cosign.${key}`, TRUST])),
  hooks_path: { because: "the folder is read then", write: "write its path" },
  ...Object.fromEntries(
    ["hooks_output", "hooks_timeout"]
      .flatMap((key) => [key, ...OF_APP.map((moment) => `${key}.${moment}`)])
      .map((key) => [key, HOOK]),
  ),
  error_pages_path: { because: "the folder is read then", write: "write its path" },
  adopt: OWNER,
  "adopt[]": OWNER,
  "env.secret[]": VARIABLE,
  "env.tags.secret[]": VARIABLE,
  "registry.username[]": SECRET,
  "registry.password[]": SECRET,
  "accessories.registry.password": SECRET,
  "ssl.certificate_pem[]": SECRET,
  "ssl.private_key_pem": SECRET,
  "ssl.private_key_pem[]": SECRET,
  "s3.access_key[]": SECRET,
  "s3.secret_key[]": SECRET,
  "accessories.host": SERVER,
  "accessories.hosts": SERVER,
  "accessories.role": PLACE,
  "accessories.roles[]": PLACE,
  "accessories.tag": PLACE,
  "accessories.tags[]": PLACE,
  "accessories.service": NAME,
  "accessories.files[]": FILE,
  "accessories.files[].local": FILE,
  "accessories.protect": { because: "it is an option of the resource", write: "write true or false" },
  "jobs.role": { because: "it decides which server runs the job", write: "write the name of the role itself" },
  "jobs.on_host": { because: "it decides which server runs the job", write: "write the Server itself" },
};

/** Whether the value of a key cannot be an output. */
export const mustBeKnown = (key: string): boolean => byKey(MUST_BE_KNOWN, key) !== undefined;

/** What is said of an output where a value has to be known. */
export const noOutput = ({ because, write }: Reason): string =>
  `cannot be an output: it has to be known when the program runs, because ${because}; ${write}`;

/** Why there cannot be an output at a place; `undefined`: there can. */
export function faultOfOutput({ key, kinds }: ProgramPlace): string | undefined {
  const reason = byKey(MUST_BE_KNOWN, key);
  if (reason !== undefined) return noOutput(reason);
  const [whole] = kinds.filter(({ type }) => type === "object" || type === "array");
  if (whole === undefined || kinds.some(isScalar)) return undefined;
  const [what, parts] = whole.type === "array" ? ["how long the list is", "items"] : ["which keys it has", "values"];
  return `cannot be an output as a whole: ${what} has to be known when the program runs; its ${parts} can be outputs`;
}
