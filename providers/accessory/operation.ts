/** One change to the host of an accessory. Made by `planAccessory`, printed by `describe`, executed by `applyAccessory`, compared in tests. */
export type AccessoryOperation =
  | { do: "network"; network: string }
  /** Takes away what a run left that did not end; one that runs is stopped first: two servers never run on one data folder. */
  | { do: "discard"; container: string; id: string; running: boolean }
  /** Starts the old one again, which serves until the new one is made. */
  | { do: "revive"; container: string; id: string }
  /** Pulls the image and makes the candidate, which does not start yet. */
  | { do: "create"; container: string }
  /** Stops the old one, which stays: from here on nothing serves. */
  | { do: "halt"; container: string; id: string }
  | { do: "start"; container: string }
  /** Waits until it is healthy. */
  | { do: "prove"; container: string }
  /** Gives a container that has proved itself its restart policy and its limits. */
  | { do: "settle"; container: string }
  /** Removes the container that was replaced; its data stays. */
  | { do: "remove"; container: string; id: string }
  | { do: "rename"; container: string; to: string }
  /** Sets limits and the restart policy without a restart. */
  | { do: "restore"; container: string; id: string; edited: readonly string[] }
  | { do: "route"; route: string; because: readonly string[] }
  | { do: "unroute"; route: string };

export type OperationOf<D extends AccessoryOperation["do"]> = Extract<AccessoryOperation, { do: D }>;

/** Operations of one kind. */
export const only = <D extends AccessoryOperation["do"]>(operations: readonly AccessoryOperation[], kind: D): OperationOf<D>[] =>
  operations.filter((operation): operation is OperationOf<D> => operation.do === kind);
