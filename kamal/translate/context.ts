import type { Entry, Path } from "../yaml/tree.ts";

/** Whose environment it is. */
export interface Scope {
  /** Distinguishes secrets of one name: `db`. */
  readonly name: string;
  /** Where its containers run. */
  readonly hosts: readonly string[];
  /** The accessory whose own environment it is. */
  readonly own?: string;
  /** Whether variables are written below `clear` in any case, since others of `options` join them. */
  readonly isSplit?: boolean;
}

/** Whose options they are, and what they give beside `options`. */
export interface OptionsContext {
  readonly isProxied: boolean;
  /** Of an accessory: it has one port, under `port`. */
  readonly isAccessory: boolean;
  /** Whether it has a port of its own: then `options.publish` is a second one. */
  readonly hasPort: boolean;
  /** Entries for the role or accessory itself. */
  readonly beside: Entry[];
  /** Of the role or accessory in the stack. */
  readonly to: Path;
  /** Of the role or accessory, for variables among the options. */
  readonly scope: Scope;
}
