import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KamalProxy } from "../../../../hosts/proxy/kamal-proxy.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const SILENCE = "Docker on web-1 does not answer";

it("the state of a proxy whose Docker is silent is not called unreadable: Docker has its own time for an answer", async () => {
  const readFile = () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error(SILENCE)), 30_000));
  const proxy = new KamalProxy({ name: "web-1", docker: { readFile } } as unknown as ConstructorParameters<typeof KamalProxy>[0]);
  const said = proxy.routes().catch((thrown: unknown) => String(thrown));
  await vi.advanceTimersByTimeAsync(31_000);
  expect(await said).toBe(`Error: ${SILENCE}`);
});
