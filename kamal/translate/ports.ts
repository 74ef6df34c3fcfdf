import { listNode, type Path, type Scalar, type Tree, textNode } from "../yaml/tree.ts";
import { type Cursor, childrenIn, type Run } from "./run.ts";

/** Whether a published port says where it listens. @example hasAddress("127.0.0.1:80:80") // true */
export const hasAddress = (text: string): boolean => /^(?:\[[^\]]+\]|[\d.]+\.\d+|localhost):/.test(text);

/** A port of Docker's command line: a number is a port of the container, published on a port that Docker chooses. */
export function sayPort(node: Scalar): string | undefined {
  if (!node.isQuoted && node.is !== "text" && node.written.includes(":"))
    return `is the number ${node.text} for Ruby (${node.written} is of base 60): write it in quotes`;
  return undefined;
}

/** `options.publish`: without an address Docker listens on all. */
export function translatePublish(cursor: Cursor, run: Run, to: Path): Tree | undefined {
  const all = cursor.node.kind === "list" ? childrenIn(cursor) : [cursor];
  const ports = all.flatMap((one, at) => {
    if (one.node.kind !== "scalar" || one.node.is === "null") {
      run.ask(one, "should be a port, host port:container port");
      return [];
    }
    const text = one.node.text;
    const fault = sayPort(one.node);
    const path = cursor.node.kind === "list" ? [...to, at] : to;
    if (fault !== undefined) run.ask(one, fault, path);
    else if (hasAddress(text) || one.node.isUnknown) run.take(one, path);
    else
      run.translate(
        one,
        "listens on all addresses, as Docker does: write 127.0.0.1: in front of it, or an address of your network, if that is enough",
        path,
      );
    const value = hasAddress(text) || fault !== undefined ? text.replace(/^localhost:/, "127.0.0.1:") : `0.0.0.0:${text}`;
    return [{ ...textNode(value, one.node), isQuoted: true }];
  });
  const isFlow = cursor.node.kind === "list" && cursor.node.isFlow;
  const [only] = ports;
  if (cursor.node.kind !== "list") return only;
  return {
    ...listNode(ports, cursor.node, isFlow),
    items: cursor.node.items.flatMap((item, at) => (ports[at] ? [{ ...item, value: ports[at] }] : [])),
  };
}
