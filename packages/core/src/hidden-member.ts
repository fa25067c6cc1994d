// A member that nobody sees who lists, logs or sends an object, and that no assignment changes. errors.ts has one of its own: it
// imports nothing, and members of errors can be assigned.

export function hideMember(target: object, name: PropertyKey, value: unknown): void {
  const descriptor = { value, writable: false, enumerable: false, configurable: true }
  // Of a polluted prototype it would have an accessor too, and be no descriptor. Without any, it takes twice as long.
  if ('get' in descriptor || 'set' in descriptor) Object.setPrototypeOf(descriptor, null)
  Object.defineProperty(target, name, descriptor)
}
