import type { BodyLimitChange } from "../../core/route.ts";
import type { ContainerName, HostName, ReleaseId, RoleName, Seconds } from "../../core/words.ts";
import type { Canary } from "./inputs.ts";

/** Why something unused is removed: an earlier run left it, or this run removes the last thing that uses it. */
type Unused = "leftover" | "freed";

/** A container that is to end. */
interface Stop {
  readonly host: HostName;
  readonly container: ContainerName;
  readonly id: string;
  /** Seconds between its stop signal and SIGKILL. */
  readonly grace: Seconds;
  /** It has got its stop signal from an earlier run, and is killed at this moment of the host's clock: it is only waited for. */
  readonly until?: string;
}

/** One change to one host. Made by `planRelease`, printed by `describe`, carried out by `STEPS`, compared in tests. */
export type Operation =
  /** Removes a container that an interrupted run left, or that blocks a name. */
  | { do: "remove-leftover"; host: HostName; container: ContainerName; id: string; image: string }
  /** Creates the network of the app's containers, where no proxy of ours has created it. */
  | { do: "create-network"; host: HostName }
  /** Puts files where the proxy reads them. */
  | { do: "place-files"; host: HostName; folder: string; files: readonly string[] }
  /** Creates the volume for the assets of one role and release. */
  | { do: "create-volume"; host: HostName; volume: string }
  /** Answers 503 instead of the app. */
  | { do: "close"; host: HostName; role: RoleName; route: string; message: string }
  | { do: "run-command"; host: HostName; container: ContainerName; release: ReleaseId; index: number; command: readonly string[] }
  /** Holds requests at the proxy while no container can answer them. */
  | { do: "pause"; host: HostName; role: RoleName; route: string }
  /** Stops a container that cannot run beside its successor. */
  | ({ do: "stop-before"; role: RoleName } & Stop)
  | { do: "start"; host: HostName; role: RoleName; container: ContainerName; release: ReleaseId }
  /** Copies assets both ways between a new container and what serves: each may be asked for the files of the other. */
  | { do: "share-assets"; host: HostName; container: ContainerName; volume: string; with: string }
  /** Sets limits and restart policy when the container is healthy: a candidate that exits must stay down, to be seen. */
  | { do: "set-limits"; host: HostName; role: RoleName; container: ContainerName }
  | {
      do: "switch";
      host: HostName;
      role: RoleName;
      route: string;
      to: readonly ContainerName[];
      from: readonly ContainerName[];
      because: "release" | "replicas" | "route";
      /** Present where it changes: clients with a larger one are refused from then on. */
      bodyLimit?: BodyLimitChange;
    }
  /** Gives a share of the requests to another version. */
  | { do: "canary"; host: HostName; role: RoleName; route: string; to: ContainerName; share: Canary["share"] }
  | { do: "end-canary"; host: HostName; role: RoleName; route: string }
  /** Requests reach the app again. */
  | { do: "open"; host: HostName; role: RoleName; route: string; was: "in maintenance" | "paused" | "stopped" }
  /** Undoes an edit of limits or restart policy. */
  | { do: "reset-limits"; host: HostName; role: RoleName; container: ContainerName; id: string; edited: readonly string[] }
  | { do: "remove-route"; host: HostName; route: string }
  /** `delay`: before its stop signal, for a proxy in front. `leaveAfter`: how long the run waits; then the container ends by itself. */
  | ({ do: "stop"; delay?: Seconds; leaveAfter?: Seconds } & Stop)
  | { do: "remove"; host: HostName; container: ContainerName; id: string; image: string; because: "retired" | "withdrawn" }
  /** Removes a volume of assets that no container uses. */
  | { do: "remove-volume"; host: HostName; volume: string; because: Unused }
  | { do: "remove-image"; host: HostName; id: string; digest: string; because: Unused }
  /** Removes a folder of the proxy's files: a key must not outlive its certificate. */
  | { do: "remove-files"; host: HostName; folder: string; because: Unused }
  /** Removes the network from a host that the release has left. */
  | { do: "remove-network"; host: HostName };

export type Kind = Operation["do"];
export type OperationOf<K extends Kind> = Extract<Operation, { do: K }>;

/** Prepare and clean-up take one kind after the other; the release itself goes in waves. */
export type Phase = "prepare" | "release" | "clean-up";

/** The order of the protocol: what must be gone first, what is free to fail, the switch, and the clean-up. */
export const PHASES: { readonly [K in Kind]: Phase } = {
  "remove-leftover": "prepare",
  "create-network": "prepare",
  "place-files": "prepare",
  "create-volume": "prepare",
  close: "release",
  "run-command": "release",
  pause: "release",
  "stop-before": "release",
  start: "release",
  "share-assets": "release",
  "set-limits": "release",
  switch: "release",
  canary: "release",
  "end-canary": "release",
  open: "release",
  "reset-limits": "clean-up",
  "remove-route": "clean-up",
  stop: "clean-up",
  remove: "clean-up",
  "remove-volume": "clean-up",
  "remove-image": "clean-up",
  "remove-files": "clean-up",
  "remove-network": "clean-up",
};

/** In the order of the protocol. */
export const KINDS = Object.keys(PHASES) as readonly Kind[];

const TIDYING: ReadonlySet<Kind> = new Set(["remove-volume", "remove-image", "remove-files", "remove-network"]);

/** Whether an operation only removes what nothing uses: whether it is needed says nothing about what runs and serves. */
export const isTidying = (operation: Operation): boolean => TIDYING.has(operation.do);

const ROUTINE: ReadonlySet<Kind> = new Set(["create-volume", "share-assets", "set-limits", "remove-network"]);

/** Whether an operation is implied by another line of the plan, so that it is not printed. */
export const isRoutine = (operation: Operation): boolean =>
  ROUTINE.has(operation.do) || ("because" in operation && operation.because === "freed");

export const inOrder = (operations: readonly Operation[]): Operation[] =>
  operations.toSorted((a, b) => KINDS.indexOf(a.do) - KINDS.indexOf(b.do));
