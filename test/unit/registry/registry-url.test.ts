import { describe, expect, it } from "vitest";
import { registryUrl } from "../../../registry/registry-url.ts";

describe("the URL of a registry", () => {
  it.each([
    ["docker.io", "https://registry-1.docker.io"],
    ["ghcr.io", "https://ghcr.io"],
    ["registry:5000", "https://registry:5000"],
    ["10.0.0.1:5000", "https://10.0.0.1:5000"],
    ["localhost:5000", "http://localhost:5000"],
    ["127.0.0.1:5000", "http://127.0.0.1:5000"],
    ["127.9.9.9", "http://127.9.9.9"],
    ["[::1]:5000", "http://[::1]:5000"],
    ["localhost.example:5000", "https://localhost.example:5000"],
    ["127.0.0.1.example", "https://127.0.0.1.example"],
  ])("of %s is %s", (registry, url) => expect(registryUrl(registry)).toBe(url));
});
