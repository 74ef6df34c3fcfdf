import { type Path, type Scalar, type Tree, textNode } from "../yaml/tree.ts";
import { itemsOf, sayUnknown } from "./copy.ts";
import type { Cursor, Run } from "./run.ts";

/** Whether a published port says where it listens. @example hasAddress("127.0.0.1:80:80") // true */
export const hasAddress = (text: string): boolean => /^(?:\[[^\]]+\]|[\d.]+\.\d+|localhost):/.test(text);

/** With an address that Slipway takes. */
export const withAddress = (text: string): string => text.replace(/^localhost:/, "127.0.0.1:");

/** A port that Ruby reads as a number of base 60. */
export function sayPort(node: Scalar): string | undefined {
  if (!node.isQuoted && node.is !== "text" && node.written.includes(":"))
    return `is the number ${node.text} for Ruby (${node.written} is of base 60): write it in quotes`;
  return undefined;
}

/** `options.publish`: without an address Docker listens on all. */
export function translatePublish(cursor: Cursor, run: Run, to: Path): Tree | undefined {
  if (cursor.node.kind !== "list") return portOf(cursor, run, to);
  return { ...cursor.node, items: itemsOf(cursor, to, (child, path) => portOf(child, run, path)) };
}

const OPEN =
  "listens on all addresses, as Docker does: write 127.0.0.1: in front of it, or an address of your network, if that is enough";

function portOf(cursor: Cursor, run: Run, to: Path): Scalar | undefined {
  const { node } = cursor;
  if (node.kind !== "scalar" || node.is === "null") {
    run.ask(cursor, "should be a port, host port:container port");
    return undefined;
  }
  const fault = node.isUnknown ? sayUnknown(node.origins, node.written) : sayPort(node);
  const isKept = fault !== undefined || hasAddress(node.text);
  const text = isKept ? withAddress(node.text) : `0.0.0.0:${node.text}`;
  if (fault !== undefined) run.ask(cursor, fault, to);
  else if (text === node.value) run.take(cursor, to);
  else run.translate(cursor, isKept ? `is ${text}` : OPEN, to);
  return { ...textNode(text, node), isQuoted: true };
}
