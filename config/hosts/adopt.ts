import { z } from "zod";

/** `project/stack`, as the labels of containers name it. */
const StackName = z.string().regex(/^[\w.-]+\/[\w.-]+$/, "should be project/stack, as in pulumi stack ls");

/** Stacks whose things on the hosts become this stack's. */
export const AdoptSection = z.union([StackName, z.array(StackName)]);
