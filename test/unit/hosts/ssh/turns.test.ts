import { expect, it } from "vitest";
import { SHARES } from "../../../../hosts/ssh/channels.ts";
import { Turns } from "../../../../hosts/ssh/turns.ts";

it("shares out fewer sessions than sshd allows by default, and at least one channel for each use", () => {
  expect(SHARES.lease + SHARES.command).toBeLessThan(10);
  expect(Math.min(...Object.values(SHARES))).toBeGreaterThan(0);
});

it("lets at most its limit in, first come, first served", async () => {
  const turns = new Turns(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const end = await turns.take();
      inside += 1;
      most = Math.max(most, inside);
      order.push(index);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      end();
      end();
    }),
  );
  expect(most).toBe(2);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(turns.taken).toBe(0);
});

it("loses no turn when somebody leaves the queue", async () => {
  const turns = new Turns(1);
  const end = await turns.take();
  const leaving = new AbortController();
  const left = turns.take(leaving.signal);
  const next = turns.take();
  leaving.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  end();
  (await next)();
  expect(turns.taken).toBe(0);
  await expect(turns.take(leaving.signal)).rejects.toThrow("enough");
});
