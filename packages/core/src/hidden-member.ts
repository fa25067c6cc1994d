// A member that nobody sees who lists, logs or sends an object, and that no assignment changes. errors.ts has one of its own: it
// imports nothing, and members of errors can be assigned.

export function hideMember(target: object, name: PropertyKey, value: unknown): void {
  // Without prototype: of a polluted one it would have another value, or be no descriptor.
  const descriptor = { __proto__: null, value, configurable: true, enumerable: false }
  Object.defineProperty(target, name, descriptor)
}
