import { isMap } from "../../../core/values.ts";
import type { Remedy } from "../remedy.ts";
import type { Keys, Rule } from "./rule.ts";

/** A server that the app needs and does not reach. */
interface Server {
  readonly host: string;
  readonly port: number | undefined;
  readonly because: "no address" | "refused";
}

/** Groups: host, port. */
const REFUSED: readonly RegExp[] = [
  /ECONNREFUSED \[?([\w.:-]+)\]?:(\d+)/,
  /dial tcp \[?([\w.:-]+)\]?:(\d+): connect: connection refused/,
  /server at "([^"]+)"(?: \([^)]*\))?, port (\d+) failed: Connection refused/,
  /running on (?:that )?host "([^"]+)"(?: \([^)]*\))? and accepting\s+TCP\/IP connections on port (\d+)/,
  /onnecting to ([\w.-]+):(\d+)\. Connection refused/,
  /Connection refused - connect\(2\) for (?:"([\w.-]+)" port |([\w.-]+):)(\d+)/,
  /Connection to ([\w.-]+):(\d+) refused/,
  /Can't connect to MySQL server on '([\w.-]+)(?::(\d+))?'/,
];
const NO_ADDRESS: readonly RegExp[] = [
  /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)(?::(\d+))?/,
  /could not translate host name "([^"]+)" to address/,
  /failed to resolve host '([^']+)'/,
  /lookup ([\w.-]+)(?: on \S+)?: (?:no such host|server misbehaving|Temporary failure)/,
  /Unknown MySQL server host '([^']+)'/,
  /UnknownHostException: ([\w.-]+)/,
  /onnecting to ([\w.-]+):(\d+)\. (?:Name or service not known|Temporary failure in name resolution)/,
];

/** Its last lines name a server that it did not reach: usually the database, under the address that it has on a developer's machine. */
export const unreachableServer: Rule = ({ lines }, keys) => {
  const server = serverIn(lines);
  if (server === undefined) return undefined;
  const { host, port, because } = server;
  const at = port === undefined ? host : `${host}:${port}`;
  const own = isLoopback(host);
  const what =
    because === "no address"
      ? `it finds no address for ${host}`
      : `${at} refuses its connections${own ? ": in a container, that is the container itself" : ""}`;
  const accessory = accessoryFor(server, keys);
  if (accessory === undefined) {
    const elsewhere = own || because === "no address";
    return {
      what,
      remedy: {
        words: elsewhere
          ? `declare that server under slipway:accessories and give the app its address (\${accessories.NAME.host} in slipway:env), or name the server that it should use`
          : `check that the server at ${at} runs, and lets this host in`,
      },
    };
  }
  return { what, remedy: addressOf(accessory, host, keys) };
};

/** The last server that the lines name. Pure. */
export function serverIn(lines: readonly string[]): Server | undefined {
  for (const line of lines.toReversed())
    for (const [because, patterns] of [["refused", REFUSED] as const, ["no address", NO_ADDRESS] as const])
      for (const pattern of patterns) {
        const [host, port] = (pattern.exec(line)?.slice(1) ?? []).filter(Boolean);
        if (host !== undefined) return { host, port: port === undefined ? undefined : Number(port), because };
      }
  return undefined;
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

const IMAGES: Readonly<Record<number, RegExp>> = {
  5432: /postg/,
  3306: /mysql|mariadb/,
  6379: /redis|valkey/,
  11211: /memcached/,
  27017: /mongo/,
  5672: /rabbitmq/,
  9200: /elasticsearch|opensearch/,
};

/** The accessory that the app means: by its name, else the only one with the image of a server for that port. */
function accessoryFor({ host, port, because }: Server, { settings }: Keys): string | undefined {
  const declared = settings.at(["accessories"]);
  const names = isMap(declared) ? Object.keys(declared) : [];
  if (names.includes(host)) return host;
  if (because === "refused" && !isLoopback(host)) return undefined;
  const image = port === undefined ? undefined : IMAGES[port];
  const fitting = names.filter((name) => image?.test(String(settings.at(["accessories", name, "image"]) ?? "")));
  const [only, ...more] = fitting.length > 0 ? fitting : port === undefined ? names : [];
  return more.length === 0 ? only : undefined;
}

/** The variable with the wrong host gets the accessory's instead. One that is secret cannot be rewritten here. */
function addressOf(accessory: string, host: string, { settings, clear, env }: Keys): Remedy {
  const reference = `\${accessories.${accessory}.host}`;
  const escaped = host.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // A loopback address has several names.
  const wrong = isLoopback(host) ? "localhost|127\\.0\\.0\\.1|\\[::1\\]" : escaped;
  const place = new RegExp(`(^|[/@])(?:${wrong})(?=$|[:/?])`);
  for (const [name, value] of Object.entries(clear))
    if (place.test(value))
      return settings.variable(
        env,
        name,
        value.replace(place, (_, before: string) => `${before}${reference}`),
      );
  return { words: `let its variable for that server have the host ${reference} (slipway:${env.join(".")})` };
}
