import { DOCKER_HUB } from "../core/image-reference.ts";

/** The base URL of the registry's API. Plain HTTP only on loopback, as Docker does it. */
export function registryUrl(registry: string): string {
  if (registry === DOCKER_HUB) return "https://registry-1.docker.io";
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry) ? `http://${registry}` : `https://${registry}`;
}
