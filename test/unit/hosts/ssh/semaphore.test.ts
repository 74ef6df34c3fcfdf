import { expect, it } from "vitest";
import { SHARES } from "../../../../hosts/ssh/channels.ts";
import { Semaphore } from "../../../../hosts/ssh/semaphore.ts";

it("allows fewer sessions than sshd does by default, and at least one channel for each use", () => {
  expect(SHARES.lease + SHARES.command).toBeLessThan(10);
  expect(Math.min(...Object.values(SHARES))).toBeGreaterThan(0);
});

it("admits at most its limit, first come, first served", async () => {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const release = await semaphore.acquire();
      inside += 1;
      most = Math.max(most, inside);
      order.push(index);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      release();
      release();
    }),
  );
  expect(most).toBe(2);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(semaphore.taken).toBe(0);
});

it("loses no slot when a waiter leaves the queue", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire();
  const leaving = new AbortController();
  const left = semaphore.acquire(leaving.signal);
  const next = semaphore.acquire();
  leaving.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  release();
  (await next)();
  expect(semaphore.taken).toBe(0);
  await expect(semaphore.acquire(leaving.signal)).rejects.toThrow("enough");
});
