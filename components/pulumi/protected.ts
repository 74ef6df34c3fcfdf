/** An option of a resource. Written out, `protect: false` would undo the protection of the component that it is a child of. */
export const protectedIf = (isProtected: boolean): { protect?: true } => (isProtected ? { protect: true } : {});
