import type { Image, LoadBalancerType, Location, ServerType } from "./catalogue.ts";
import type { Item } from "./collection.ts";

/** The objects of a project as the fake keeps them; the API's form of each is beside its calls. */
export interface SshKey extends Item {
  readonly fingerprint: string;
  readonly public_key: string;
}

export interface PlacementGroup extends Item {
  readonly type: "spread";
}

export interface Subnet {
  readonly type: string;
  readonly ip_range: string;
  readonly network_zone: string;
  readonly gateway: string;
  readonly vswitch_id: number | null;
}

export interface Network extends Item {
  ip_range: string;
  subnets: Subnet[];
  routes: { destination: string; gateway: string }[];
  expose_routes_to_vswitch: boolean;
  readonly protection: { delete: boolean };
}

/** Address of a server or load balancer in a network. */
export interface Attachment {
  readonly network: number;
  readonly ip: string;
  alias_ips: string[];
  readonly mac_address: string;
}

export interface PrimaryIp extends Item {
  readonly ip: string;
  readonly type: "ipv4" | "ipv6";
  assignee_id: number | null;
  auto_delete: boolean;
  readonly location: Location;
  readonly protection: { delete: boolean };
}

export interface FirewallRule {
  readonly direction: string;
  readonly protocol: string;
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

export type FirewallTarget =
  | { readonly type: "server"; readonly server: { readonly id: number } }
  | { readonly type: "label_selector"; readonly label_selector: { readonly selector: string } };

export interface Firewall extends Item {
  rules: readonly FirewallRule[];
  appliedTo: FirewallTarget[];
}

export interface Volume extends Item {
  size: number;
  server: number | null;
  readonly format: string | null;
  readonly location: Location;
  readonly protection: { delete: boolean };
}

export type ServerStatus = "initializing" | "starting" | "running" | "stopping" | "off" | "deleting";

export interface Server extends Item {
  status: ServerStatus;
  /** Address of the machine behind it. */
  readonly address: string;
  type: ServerType;
  readonly image: Image;
  readonly location: Location;
  readonly userData: string;
  /** Ids of primary IPs. */
  ipv4: number | null;
  ipv6: number | null;
  attachments: Attachment[];
  placementGroup: number | null;
  backupWindow: string | null;
  diskSize: number;
  readonly protection: { delete: boolean; rebuild: boolean };
}

export interface HealthCheck {
  readonly protocol: "http" | "tcp";
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly http: {
    readonly domain: string;
    readonly path: string;
    readonly response: string;
    readonly status_codes: readonly string[];
    readonly tls: boolean;
  } | null;
}

export interface Service {
  readonly protocol: "http" | "https" | "tcp";
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly http: {
    readonly cookie_name: string;
    readonly cookie_lifetime: number;
    readonly certificates: readonly number[];
    readonly redirect_http: boolean;
    readonly sticky_sessions: boolean;
    readonly timeout_idle: number;
  } | null;
  readonly health_check: HealthCheck;
}

export interface Target {
  readonly type: "server" | "label_selector" | "ip";
  readonly server?: { readonly id: number };
  readonly label_selector?: { readonly selector: string };
  readonly ip?: { readonly ip: string };
  readonly use_private_ip: boolean;
}

export interface LoadBalancer extends Item {
  type: LoadBalancerType;
  readonly location: Location;
  readonly address: string;
  public: boolean;
  algorithm: string;
  services: Service[];
  targets: Target[];
  attachments: Attachment[];
  readonly protection: { delete: boolean };
}

export interface Certificate extends Item {
  readonly type: "managed" | "uploaded";
  readonly domains: readonly string[];
  /** PEM; empty while a managed certificate is being issued. */
  certificate: string;
  key: string;
  issuance: "pending" | "completed" | "failed";
  failure: { code: string; message: string } | null;
}
