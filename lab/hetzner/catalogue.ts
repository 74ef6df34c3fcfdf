/** The part of Hetzner's catalogue that the lab needs, in the API's form, with sizes and prices of 2025. */
const CREATED = "2024-02-01T12:00:00+00:00";

export const LOCATIONS = [
  place(1, "fsn1", "Falkenstein DC Park 1", "DE", "Falkenstein", [50.47612, 12.370071], "eu-central"),
  place(2, "nbg1", "Nuremberg DC Park 1", "DE", "Nuremberg", [49.452102, 11.076665], "eu-central"),
  place(3, "hel1", "Helsinki DC Park 1", "FI", "Helsinki", [60.169855, 24.938379], "eu-central"),
  place(4, "ash", "Ashburn, VA", "US", "Ashburn, VA", [39.045821, -77.487073], "us-east"),
  place(5, "hil", "Hillsboro, OR", "US", "Hillsboro, OR", [45.54222, -122.951924], "us-west"),
];
export type Location = ReturnType<typeof place>;

function place(
  id: number,
  name: string,
  description: string,
  country: string,
  city: string,
  [latitude, longitude]: readonly [number, number],
  network_zone: string,
) {
  return { id, name, description, country, city, latitude, longitude, network_zone };
}

export const SERVER_TYPES = [
  size(104, "cx23", 2, 4, 40, "x86"),
  size(22, "cpx11", 2, 2, 40, "x86"),
  size(114, "cx22", 2, 4, 40, "x86"),
  size(115, "cx32", 4, 8, 80, "x86"),
  size(116, "cx42", 8, 16, 160, "x86"),
  size(45, "cax11", 2, 4, 40, "arm"),
];
export type ServerType = ReturnType<typeof size>;

function size(id: number, name: string, cores: number, memory: number, disk: number, architecture: "x86" | "arm") {
  return {
    id,
    name,
    description: name.toUpperCase(),
    category: "Shared vCPU",
    cores,
    memory,
    disk,
    deprecated: false,
    deprecation: null,
    storage_type: "local",
    cpu_type: "shared",
    architecture,
    included_traffic: 21_990_232_555_520,
    prices: prices("0.0060", "3.7900"),
    locations: LOCATIONS.map((at) => ({ id: at.id, name: at.name, recommended: true, available: true, deprecation: null })),
  };
}

export const LOAD_BALANCER_TYPES = [
  balancer(1, "lb11", 10_000, 5, 25, 10),
  balancer(2, "lb21", 20_000, 15, 75, 25),
  balancer(3, "lb31", 40_000, 30, 150, 50),
];
export type LoadBalancerType = ReturnType<typeof balancer>;

function balancer(id: number, name: string, connections: number, services: number, targets: number, certificates: number) {
  return {
    id,
    name,
    description: name.toUpperCase(),
    max_connections: connections,
    max_services: services,
    max_targets: targets,
    max_assigned_certificates: certificates,
    deprecated: null,
    prices: prices("0.0090", "5.3900"),
  };
}

function prices(hourly: string, monthly: string) {
  const price = (net: string) => ({ net, gross: net });
  return LOCATIONS.map(({ name }) => ({
    location: name,
    price_hourly: price(hourly),
    price_monthly: price(monthly),
    included_traffic: 21_990_232_555_520,
    price_per_tb_traffic: price("1.0000"),
  }));
}

export const IMAGES = [
  system(114690387, "debian-12", "debian", "12", "x86"),
  system(310557660, "debian-13", "debian", "13", "x86"),
  system(161547269, "ubuntu-24.04", "ubuntu", "24.04", "x86"),
  system(67794396, "ubuntu-22.04", "ubuntu", "22.04", "x86"),
  system(275617032, "fedora-42", "fedora", "42", "x86"),
  system(310557661, "debian-13", "debian", "13", "arm"),
  system(161547270, "ubuntu-24.04", "ubuntu", "24.04", "arm"),
];
export type Image = ReturnType<typeof system>;

function system(id: number, name: string, os_flavor: string, os_version: string, architecture: "x86" | "arm") {
  return {
    id,
    name,
    type: "system",
    status: "available",
    description: `${os_flavor} ${os_version}`,
    image_size: null,
    disk_size: 5,
    created: CREATED,
    created_from: null,
    bound_to: null,
    os_flavor,
    os_version,
    architecture,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: null,
    deleted: null,
    labels: {},
  };
}

export const DATACENTERS = LOCATIONS.map((location) => ({
  id: location.id + 1,
  name: `${location.name}-dc${location.id}`,
  description: `${location.city} virtual DC`,
  location,
  server_types: {
    supported: SERVER_TYPES.map(({ id }) => id),
    available: SERVER_TYPES.map(({ id }) => id),
    available_for_migration: SERVER_TYPES.map(({ id }) => id),
  },
}));
export type Datacenter = (typeof DATACENTERS)[number];

export const datacenterOf = (location: Location): Datacenter | undefined =>
  DATACENTERS.find((one) => one.location.id === location.id);
