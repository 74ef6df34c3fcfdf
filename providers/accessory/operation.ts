/** One change to the host of an accessory. Planned by `planAccessory`, printed by `describe`, executed by `applyAccessory`. */
export type AccessoryOperation =
  | { do: "network"; network: string }
  /** Waits for a restore of its data whose command is gone, or lets it go on. What else is to do follows from its end. */
  | { do: "end-restore"; container: string; backup: string; running: boolean }
  /** Removes what an interrupted run left. A running container is stopped first: two servers never share a data folder. */
  | { do: "discard"; container: string; id: string; running: boolean }
  /** Starts the old container again, to serve until the new one is created. */
  | { do: "revive"; container: string; id: string }
  /** Pulls the image and creates the candidate without starting it. */
  | { do: "create"; container: string }
  /** Stops the old container without removing it. The gap begins. */
  | { do: "stop"; container: string; id: string }
  /** Stops a container of this stack that writes to the same data. The gap begins. */
  | { do: "stop-rival"; container: string; id: string; source: string }
  | { do: "start"; container: string }
  /** Waits until it is healthy. The gap ends. */
  | { do: "prove"; container: string }
  /** Sets restart policy and limits of a container that is healthy. */
  | { do: "set-limits"; container: string }
  /** Removes the replaced container; its data stays. */
  | { do: "remove"; container: string; id: string }
  | { do: "rename"; container: string; to: string }
  /** Corrects edited limits and restart policy, without a restart. */
  | { do: "reset-limits"; container: string; id: string; edited: readonly string[] }
  | { do: "route"; route: string; because: readonly string[] }
  | { do: "unroute"; route: string };

export type OperationOf<D extends AccessoryOperation["do"]> = Extract<AccessoryOperation, { do: D }>;

/** Operations of one kind. */
export const only = <D extends AccessoryOperation["do"]>(operations: readonly AccessoryOperation[], kind: D): OperationOf<D>[] =>
  operations.filter((operation): operation is OperationOf<D> => operation.do === kind);
