import { describe, expect, it } from "vitest";
import { places } from "../../../../providers/release/places.ts";
import { clashesOf } from "../../../../providers/release/route-clash.ts";
import { aRelease, ROUTE, V2 } from "./fixture.ts";

const RELEASE = aRelease(V2);
const ID = "0123456789abcdef0123456789abcdef";

function clashes(service: string, hosts: string[], labels: Record<string, string>) {
  const [place] = places(RELEASE);
  if (place === undefined) throw new Error("no place");
  const route = { service, targets: [`${ID.slice(0, 12)}:3000`], options: { ...ROUTE, hosts } };
  return clashesOf(RELEASE, place, { routes: [route], containers: [{ id: ID, labels }] });
}
const OWN = { service: "shop", role: "web", destination: "production" };

describe("a route that another app has", () => {
  it("is noticed by its address", () =>
    expect(clashes("blog-web", ["shop.example"], { service: "blog", role: "web" })).toEqual([
      { role: "web", service: "blog-web", at: "shop.example/" },
    ]));
  it("is noticed by its name, which two apps can have", () =>
    expect(clashes("shop-web-production", ["other.example"], { service: "shop", role: "web-production" })).toEqual([
      { role: "web", service: "the role web-production of shop", at: "the route shop-web-production" },
    ]));
  it("is not our own, one whose container is missing, or that of a container without labels", () => {
    expect(clashes("shop-web-production", ["shop.example"], OWN)).toEqual([]);
    expect(clashes("shop-web-production", ["shop.example"], {})).toEqual([]);
    expect(clashes("blog-web", ["blog.example"], { service: "blog" })).toEqual([]);
  });
});
