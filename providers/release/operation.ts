import type { ContainerName, HostName, ReleaseId, RoleName, Seconds } from "../../core/words.ts";
import type { Canary } from "./inputs.ts";

/** One change to one host. Made by `planRelease`, printed by `describe`, executed by `applyRelease`, compared in tests. */
export type Operation =
  /** Makes the network of the app's containers, where no proxy of ours has made it. */
  | { do: "network"; host: HostName }
  /** Puts files where the proxy reads them. */
  | { do: "place"; host: HostName; folder: string; files: readonly string[] }
  /** Answers 503 instead of the app. */
  | { do: "close"; host: HostName; role: RoleName; route: string; message: string }
  | { do: "command"; host: HostName; container: ContainerName; release: ReleaseId; index: number; command: readonly string[] }
  /** Lets requests wait while nothing runs that could answer them. */
  | { do: "hold"; host: HostName; role: RoleName; route: string }
  /** Stops what must make way for its successor. */
  | { do: "halt"; host: HostName; role: RoleName; container: ContainerName; id: string; grace: Seconds }
  | { do: "start"; host: HostName; role: RoleName; container: ContainerName; release: ReleaseId }
  | {
      do: "switch";
      host: HostName;
      role: RoleName;
      route: string;
      to: readonly ContainerName[];
      from: readonly ContainerName[];
      because: "release" | "replicas" | "route";
    }
  /** Gives a share of the requests to another version. */
  | { do: "canary"; host: HostName; role: RoleName; route: string; to: ContainerName; share: Canary["share"] }
  | { do: "uncanary"; host: HostName; role: RoleName; route: string }
  /** Requests reach the app again. */
  | { do: "open"; host: HostName; role: RoleName; route: string; was: "in maintenance" | "paused" }
  | { do: "restore"; host: HostName; role: RoleName; container: ContainerName; id: string; edited: readonly string[] }
  | { do: "unroute"; host: HostName; route: string }
  | { do: "stop"; host: HostName; container: ContainerName; id: string; grace: Seconds }
  | {
      do: "remove";
      host: HostName;
      container: ContainerName;
      id: string;
      image: string;
      because: "leftover" | "retired" | "withdrawn";
    }
  /** Takes a volume of assets away whose containers are gone. */
  | { do: "discard"; host: HostName; volume: string }
  /** Takes an image away that no container uses. */
  | { do: "prune"; host: HostName; id: string; digest: string };

export type OperationOf<D extends Operation["do"]> = Extract<Operation, { do: D }>;

/** That an image or a volume is not used any more, or is again, changes nothing that a release does. */
export const isTidying = (operation: Operation): boolean => operation.do === "prune" || operation.do === "discard";

const PHASES: readonly Operation["do"][] = [
  ...(["network", "place", "close", "command", "hold", "halt", "start", "switch", "canary", "uncanary"] as const),
  ...(["open", "restore", "unroute", "stop", "remove", "discard", "prune"] as const),
];

const phase = (operation: Operation): number =>
  operation.do === "remove" && operation.because === "leftover" ? -1 : PHASES.indexOf(operation.do);

/** As the protocol takes them: what must be gone first, then what is free to fail, the switch, and the cleaning up. */
export const inOrder = (operations: readonly Operation[]): Operation[] => operations.toSorted((a, b) => phase(a) - phase(b));
