/** The words of the house (docs/design.md): one meaning each, no synonyms. */

/** A machine reached by SSH, as the config names it: `web-1`. */
export type HostName = string;
/** A named group of hosts that run one command of the app's image: `web`. */
export type RoleName = string;
/** `<version>-<first 8 of the spec hash>`: `1.4.2-ab12cd34`. */
export type ReleaseId = string;
/** `<service>-<role>[-<destination>]-<release>`: `shop-web-production-1.4.2-ab12cd34`. */
export type ContainerName = string;
/** A place where one container of a role runs: `web-1/web`. */
export type Slot = `${HostName}/${RoleName}`;
export type Seconds = number;
export type Milliseconds = number;
export type Bytes = number;
