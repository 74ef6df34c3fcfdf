import { BOUNDED, type Logging } from "../../core/container/logging.ts";
import { canonical } from "../../core/values.ts";
import type { CreateBody } from "../../hosts/index.ts";

const USUAL = "json-file";

/** Whether the config says nothing of logging: what it names itself is for the usual driver. */
const isDefault = ({ driver, options, chosen }: Logging): boolean =>
  chosen === undefined && driver === USUAL && canonical(options) === canonical(BOUNDED);

/**
 * The body of a container with the log driver of the host's Docker, where the config names none and that one is not the usual: who set
 * it for the whole host, such as journald, collects the logs there. Its own options apply.
 *
 * @param ask what that Docker says of itself
 */
export async function withDaemonLogging(
  body: CreateBody,
  logging: Logging,
  ask: () => Promise<{ readonly logDriver: string }>,
): Promise<CreateBody> {
  if (!isDefault(logging)) return body;
  const { logDriver } = await ask();
  if (logDriver === "" || logDriver === USUAL) return body;
  return { ...body, HostConfig: { ...body.HostConfig, LogConfig: { Type: "", Config: {} } } };
}
