import { parseDocument } from "yaml";
import { presetOf } from "../../../core/accessory/preset.ts";
import { isMap } from "../../../core/values.ts";
import type { Clues, WantedDatabase } from "./clues.ts";
import { portOf, urlIn } from "./dockerfile.ts";
import type { AppFiles, Found } from "./files.ts";

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** Services with `build` are the app: the first with ports is the web server, those with a command and without ports are workers. */
export function composeClues(files: AppFiles): Clues | undefined {
  for (const file of NAMES) {
    const text = files.read(file);
    if (text !== undefined) return cluesOf(text, file);
  }
  return undefined;
}

function cluesOf(text: string, file: string): Clues {
  const document = parseDocument(text);
  const written: unknown = document.errors.length > 0 ? undefined : document.toJS();
  const services = isMap(written) && isMap(written.services) ? Object.entries(written.services) : [];
  const built = services.flatMap(([name, service]) => (isMap(service) && service.build !== undefined ? [{ name, service }] : []));
  const web = built.find(({ service }) => containerPort(service.ports) !== undefined);
  const port = web && containerPort(web.service.ports);
  const health = urlIn(JSON.stringify(isMap(web?.service.healthcheck) ? web.service.healthcheck.test : "") ?? "");
  const workers = built.flatMap(({ name, service }): [string, Found<string>][] => {
    const command = textOf(service.command);
    if (web === undefined || name === web.name || service.ports !== undefined || command === undefined) return [];
    return [[name, { value: command, from: file }]];
  });
  return {
    ...(port === undefined ? {} : { port: { value: port, from: file } }),
    ...(health === undefined ? {} : { health: { value: health.path, from: file } }),
    workers: Object.fromEntries(workers),
    databases: services.flatMap(([, service]) => databaseIn(service, file)),
  };
}

function databaseIn(service: unknown, file: string): WantedDatabase[] {
  const image = isMap(service) && typeof service.image === "string" ? service.image : "";
  const value = presetOf(image);
  if (value === undefined) return [];
  return [{ value, from: file, ...(image.includes("$") ? {} : { image }) }];
}

/** `3000`, `8080:3000`, `127.0.0.1:8080:3000/tcp`, `{ target: 3000 }` */
function containerPort(ports: unknown): number | undefined {
  const [first]: unknown[] = Array.isArray(ports) ? ports : [];
  if (isMap(first)) return portOf(String(first.target ?? ""));
  return portOf(/(\d+)(?:\/tcp)?$/.exec(String(first ?? ""))?.[1]);
}

function textOf(command: unknown): string | undefined {
  if (typeof command === "string") return command;
  return Array.isArray(command) ? command.map(String).join(" ") : undefined;
}
