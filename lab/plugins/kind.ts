import type { Props } from "./values.ts";

/** What a change of one input means. */
export interface Property {
  /** A change replaces the resource (`ForceNew`). */
  readonly replaces?: true;
  /** The provider computes a default, so that removing it is not a change. */
  readonly computed?: true;
  /** Whether the input is equal to the actual value. Default: the value contains the input. */
  readonly same?: (there: unknown, wanted: unknown) => boolean;
}

/** What a call may need in addition to the properties. */
export interface Context {
  /** Prints a line for the user, at the resource. */
  log(line: string): void;
}

/** One type of resource. */
export interface Kind {
  readonly properties: Readonly<Record<string, Property>>;
  /** Outputs that only the provider knows. */
  readonly outputs: readonly string[];
  /** Whether an update gives new outputs, so that they are unknown before it. */
  readonly renews?: true;
  /** Whether a missing name is generated from the resource's name. */
  readonly named?: true;
  /** Outputs that are secret if one of these inputs is. */
  readonly secretFrom?: Readonly<Record<string, readonly string[]>>;
  /** The changes that replace the resource, if that depends on several inputs. The old one is then deleted first. */
  replaces?(inputs: Props, changed: readonly string[]): readonly string[];
  /** Inputs that the provider computes. Absent: none. */
  check?(inputs: Props): Promise<Props>;
  create(inputs: Props, context: Context): Promise<{ readonly id: string; readonly outputs: Props }>;
  /** The actual resource; `undefined` if it is missing. */
  read(id: string, known: Props): Promise<Props | undefined>;
  update(id: string, inputs: Props, before: Props, context: Context): Promise<Props>;
  delete(id: string, known: Props, context: Context): Promise<void>;
}

/** The resource was created, but not completely: the engine keeps it in its state with the reason. */
export class HalfMade extends Error {
  readonly id: string;
  readonly outputs: Props;

  constructor(id: string, outputs: Props, reason: string) {
    super(reason);
    this.id = id;
    this.outputs = outputs;
  }
}

/** A provider. */
export interface Plugin {
  readonly version: string;
  /** By type token. */
  readonly kinds: Readonly<Record<string, Kind>>;
  configure(config: Readonly<Record<string, string>>): void;
  invoke(token: string, args: Props): Promise<Props>;
}
