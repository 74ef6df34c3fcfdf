import type { ProxyFileBook } from "../proxy/files.ts";
import type { ConfigPath, Key } from "../schema/problem.ts";

/** Where the arguments of an accessory that belongs to no app would be in a stack's file. */
export const placeOfAlone = (accessory: string): readonly Key[] => ["accessories", accessory];

/** A release puts such files where the proxy reads them. */
export function refuseProxyFiles({ all }: ProxyFileBook, place: ConfigPath): void {
  if (Object.keys(all).length > 0)
    place.refuse(
      "cannot be a certificate of your own without an app, whose release brings it to the proxy: write true, or make it an accessory of an App",
    );
}
