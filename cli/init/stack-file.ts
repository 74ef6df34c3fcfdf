import { parse } from "yaml";
import { SCHEMA_LINE } from "../../project/new/files.ts";
import type { Found } from "./app/files.ts";

/** What a new stack's file declares. */
export interface NewStack {
  readonly service: string;
  /** From the project's folder to the app's; `undefined`: an image that exists is released. */
  readonly context: string | undefined;
  /** The image, or its repository for what is built; `undefined`: it needs no registry. */
  readonly image: string | undefined;
  readonly server: NewServer;
  readonly domain: string | undefined;
  readonly port: Found<number>;
  readonly health: Found<string>;
  readonly volumes: readonly string[];
  readonly release: Found<string> | undefined;
  readonly workers: Readonly<Record<string, Found<string>>>;
}

export interface NewServer {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly fingerprint: string;
}

/** The name of the first host of the first role. */
export const FIRST_HOST = "web-1";
const USUAL_PORT = 22;
const USUAL_USER = "root";

const HEAD = `${SCHEMA_LINE}
# What runs in this stack. After a change: npx slipway deploy --preview shows the plan, npx slipway deploy makes it true.
`;

/** @param keys what Pulumi has written of its encryption: `encryptionsalt: …` */
export function stackText(stack: NewStack, keys = ""): string {
  const { service, server, domain, port, health, volumes, release, workers } = stack;
  const lines = [
    "config:",
    `  slipway:service: ${plain(service)}`,
    ...imageLines(stack),
    "  slipway:servers:",
    "    web:",
    `      hosts: { ${FIRST_HOST}: ${machineOf(server)} }`,
    ...Object.entries(workers).flatMap(([name, { value, from }]) => [
      `    ${plain(name)}:${said(from)}`,
      `      hosts: [${FIRST_HOST}]`,
      `      cmd: ${plain(value)}`,
    ]),
    "  slipway:ssh:",
    ...(server.user === USUAL_USER ? [] : [`    user: ${plain(server.user)}`]),
    `    host_keys: { ${FIRST_HOST}: ${plain(server.hostKey)} }${said(server.fingerprint)}`,
    "  slipway:proxy:",
    ...(domain === undefined ? [] : [`    host: ${plain(domain)}`, "    ssl: true # a certificate from Let's Encrypt"]),
    `    app_port: ${port.value}${said(port.from)}`,
    `    healthcheck: { path: ${plain(health.value)} }${said(health.from)}`,
    ...(volumes.length === 0 ? [] : [`  slipway:volumes: [${volumes.map(plain).join(", ")}]${said("VOLUME in Dockerfile")}`]),
    ...(release === undefined
      ? []
      : [`  slipway:release: ${plain(release.value)}${said(`before each release; ${release.from}`)}`]),
  ];
  return `${HEAD}${lines.map((line) => `${line}\n`).join("")}${keys}`;
}

function imageLines({ context, image }: NewStack): string[] {
  const written = image === undefined ? [] : [`  slipway:image: ${plain(image)}`];
  if (context === undefined) return written;
  if (image === undefined)
    return [`  slipway:builder: { context: ${plain(context)} }${said("without a registry: servers get the image through SSH")}`];
  const [server = "", owner = ""] = image.split("/");
  return [
    ...written,
    "  slipway:builder:",
    `    context: ${plain(context)}`,
    "    driver: docker-container # it can write the cache",
    `    cache: { type: registry, image: ${plain(`${image}-build-cache`)}, options: mode=max }`,
    `  slipway:registry: { server: ${plain(server)}, username: ${plain(owner)}, password: [REGISTRY_PASSWORD] }`,
  ];
}

const machineOf = ({ address, port }: NewServer): string =>
  port === USUAL_PORT ? plain(address) : `{ address: ${plain(address)}, port: ${port} }`;

/** Where a value is from, behind it. */
const said = (from: string): string => ` # ${from}`;

/** Without quotes where every reader of YAML, of 1.1 and of 1.2, takes it for the same text, also between braces. */
export const plain = (text: string): string =>
  /^[\w./@+-][\w ./:@+=%-]*$/.test(text) && !/: |:$| $/.test(text) && isText(text, "1.1") && isText(text, "1.2")
    ? text
    : JSON.stringify(text);

function isText(text: string, version: "1.1" | "1.2"): boolean {
  try {
    return parse(text, { version }) === text;
  } catch {
    return false;
  }
}
