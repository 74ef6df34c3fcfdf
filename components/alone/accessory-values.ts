import * as pulumi from "@pulumi/pulumi";
import { argumentsError, placeOfAlone, withYamlKeys } from "../../config/index.ts";
import { appName } from "../../core/names.ts";
import { EnvValues } from "../app/env-values.ts";
import type { ProgramValues } from "../app/program-values.ts";
import { refuseOutputs } from "../app/refuse-outputs.ts";
import { SecretBook } from "../app/secret-book.ts";
import type { StandaloneAccessoryArgs } from "./accessory-args.ts";

/**
 * The arguments of an accessory as a stack's file would have them that has nothing else. Its container has the name of the service, so that
 * all its names differ from those of an app which is called like it: `db-production` is none of `db-<role>-production`.
 */
export function valuesOf(name: string, args: StandaloneAccessoryArgs): ProgramValues {
  const file = `the arguments of the accessory ${name}`;
  const { secrets, schedule, readinessDelay, adopt, ...accessory } = args;
  const { server, service = appName({ service: name, destination: pulumi.getStack() }), env, ...rest } = accessory;
  refuseOutputs(file, { secrets, schedule, readinessDelay, adopt });
  refuseOutputs(file, accessory, placeOfAlone(name));
  refusePlaces(file, args);
  const book = new SecretBook(secrets);
  const own = {
    ...rest,
    service,
    hosts: { [server.name]: { address: server.givenAddress } },
    env: env && new EnvValues(book).of(env, `accessories_${name}`),
  };
  const names = new Map<string, string>();
  const values = withYamlKeys(
    { service, destination: "none", schedule, readinessDelay, adopt, accessories: { [name]: own } },
    names,
  );
  return { values: { ...values, secrets: book.values }, names, file, alone: name };
}

const PLACES = ["host", "hosts", "role", "roles", "tag", "tags"];

/** The compiler refuses them as well; a program in JavaScript has none. */
function refusePlaces(file: string, args: object): void {
  const problems = [
    ...PLACES.filter((key) => Reflect.get(args, key) !== undefined).map((key) => ({
      path: [key],
      message: "is no argument of an accessory without an app: set server",
    })),
    ...(pulumi.Resource.isInstance(Reflect.get(args, "server")) ? [] : [{ path: ["server"], message: "should be a Server" }]),
  ];
  if (problems.length > 0) throw argumentsError(problems, file, new Map());
}
