import type { Cause, Keys, Rule } from "./rule.ts";
import type { Seen } from "./seen.ts";

const USUAL_WAYS =
  "the usual ways: HOST=0.0.0.0 in its environment, or in its command -b 0.0.0.0 (Puma), --bind 0.0.0.0:PORT (Gunicorn), --host 0.0.0.0 (Uvicorn, Vite, Flask)";

/** Variables that set the address of well-known servers; those of others are usually called HOST. */
const ADDRESS_OF: readonly (readonly [server: RegExp, name: string, value: (port: number) => string])[] = [
  [/gunicorn/i, "GUNICORN_CMD_ARGS", (port) => `--bind 0.0.0.0:${port}`],
  [/uvicorn/i, "UVICORN_HOST", () => "0.0.0.0"],
  [/\bflask\b/i, "FLASK_RUN_HOST", () => "0.0.0.0"],
  [/streamlit/i, "STREAMLIT_SERVER_ADDRESS", () => "0.0.0.0"],
  [/\brails\b|\bpuma\b/i, "BINDING", () => "0.0.0.0"],
  [/next\.js|\bnext start\b/i, "HOSTNAME", () => "0.0.0.0"],
];

/** It listens on another port than the one that is asked, or where nothing outside of the container reaches it. */
export const listensElsewhere: Rule = (seen, keys) => {
  const { asked, sockets, exposed = [] } = seen;
  if (asked === undefined || sockets === undefined) return undefined;
  const { port } = asked;
  const isBound = sockets.find((socket) => socket.port === port)?.loopback;
  if (isBound === false) return undefined;
  if (isBound === true) return bind(seen, keys, port);
  const open = sockets.filter(({ loopback }) => !loopback).map((socket) => socket.port);
  const found = open.find((one) => exposed.includes(one)) ?? open[0];
  if (found !== undefined) return elsewhere(keys, found, `it listens on port ${found}, not on ${port}`);
  const [bound] = sockets;
  if (bound !== undefined) {
    const { what, hints, remedy } = bind(seen, keys, bound.port);
    const both = keys.port && keys.settings.set({ path: keys.port, value: String(bound.port) });
    const isTyped = both !== undefined && "type" in both && "type" in remedy;
    return {
      what: `${what}, and not on port ${port}`,
      ...(hints === undefined ? {} : { hints }),
      remedy: isTyped ? { type: `${both.type} && ${remedy.type}` } : remedy,
    };
  }
  const named = exposed.includes(port) ? undefined : exposed[0];
  return named === undefined
    ? undefined
    : elsewhere(keys, named, `nothing in it listens on port ${port}; its image names port ${named} (EXPOSE)`);
};

const elsewhere = ({ settings, port }: Keys, found: number, what: string): Cause | undefined =>
  port && { what, remedy: settings.set({ path: port, value: String(found) }) };

function bind({ process = [], lines }: Seen, { settings, env, clear, command }: Keys, port: number): Cause {
  const text = [process.join(" "), ...lines].join("\n");
  const [, name, value] = ADDRESS_OF.find(([server]) => server.test(text)) ?? [undefined, "HOST", () => "0.0.0.0"];
  const what = `it listens on 127.0.0.1 only, port ${port}, where nothing outside of the container reaches it`;
  // A program that does not read the variable has to be given it in another way.
  if (clear[name] === value(port))
    return {
      what,
      hints: [USUAL_WAYS],
      remedy: { words: `let it listen on 0.0.0.0, in its code or in slipway:${command.join(".")}` },
    };
  return { what, hints: [USUAL_WAYS], remedy: settings.variable(env, name, value(port)) };
}
