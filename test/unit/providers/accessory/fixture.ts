import { PRESETS } from "../../../../core/accessory/preset.ts";
import { specOf } from "../../../../core/accessory/spec.ts";
import type { FoundContainer, ObservedAccessory } from "../../../../providers/accessory/found.ts";
import { AccessoryInputs, type AccessoryState } from "../../../../providers/accessory/inputs.ts";

const BARE = AccessoryInputs.omit({ spec: true }).parse({
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "deploy" },
  stack: "acme/shop/production",
  service: "shop",
  destination: "production",
  accessory: "db",
  container: "shop-db-production",
  image: "postgres:16.4",
  preset: "postgres",
  containerPort: 5432,
  publish: [],
  env: { POSTGRES_USER: "app" },
  secretEnv: { POSTGRES_PASSWORD: "POSTGRES_PASSWORD" },
  secretsFingerprint: "f00d",
  files: [],
  directories: [],
  mounts: [],
  labels: {},
  options: { restart: { name: "unless-stopped" }, capAdd: [], capDrop: [], readOnly: false, tmpfs: {}, addHost: [], ulimits: [] },
  ready: { by: "command", command: [...PRESETS.postgres.ready], interval: 1, timeout: 5 },
  logging: { driver: "json-file", options: { "max-size": "10m" } },
  stopTimeout: 60,
  bootTimeout: 60,
  data: "keep",
  secrets: { POSTGRES_PASSWORD: "s3cret" },
  status: "running",
});

export function anAccessory(changes: Partial<Omit<AccessoryInputs, "spec">> = {}): AccessoryInputs {
  const inputs = { ...BARE, ...changes };
  return { ...inputs, spec: specOf(inputs) };
}

const MAIN = "shop-db-production";
export const NEXT = `${MAIN}-next`;

/** A container that runs what is wanted. */
export const aContainer = (wanted: AccessoryInputs, changes: Partial<FoundContainer> = {}): FoundContainer => ({
  id: "1f3a9c",
  name: MAIN,
  of: "ours",
  whose: "the accessory db of acme/shop/production",
  spec: wanted.spec,
  image: wanted.image,
  digest: `sha256:${"9".repeat(64)}`,
  running: true,
  status: "running",
  limits: { restart: { name: "unless-stopped", maximumRetryCount: 0 }, memory: 0, nanoCpus: 0 },
  mounts: [{ kind: "volume", source: `${MAIN}-var-lib-postgresql-data`, target: "/var/lib/postgresql/data" }],
  open: [],
  ...changes,
});

const NO_RESTART = { restart: { name: "no", maximumRetryCount: 0 }, memory: 0, nanoCpus: 0 };

export const stopped = (wanted: AccessoryInputs, changes: Partial<FoundContainer> = {}): FoundContainer =>
  aContainer(wanted, { running: false, status: "stopped with code 0", limits: NO_RESTART, ...changes });

/** A candidate of it, as a run that died left it. */
export const aNext = (wanted: AccessoryInputs, changes: Partial<FoundContainer> = {}): FoundContainer =>
  aContainer(wanted, { id: "2b7e11", name: NEXT, limits: NO_RESTART, ...changes });

export const found = (changes: Partial<ObservedAccessory> = {}): ObservedAccessory => ({
  kind: "present",
  helpers: [],
  network: true,
  rivals: [],
  foreignVolumes: [],
  volumes: [`${MAIN}-var-lib-postgresql-data`],
  ...changes,
});

export const aState = (inputs: AccessoryInputs, changes: Partial<AccessoryState> = {}): AccessoryState => ({
  ...inputs,
  found: found({ main: aContainer(inputs) }),
  digest: `sha256:${"9".repeat(64)}`,
  folder: "",
  kept: {},
  ...changes,
});
