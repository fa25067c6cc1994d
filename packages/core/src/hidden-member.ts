// A member that nobody sees who lists, logs or sends an object, and that no assignment changes. errors.ts has one of its own: it
// imports nothing, and members of errors can be assigned.

export function hideMember(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, new HiddenMember(value))
}

class HiddenMember {
  readonly configurable = true
  readonly enumerable = false
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

// With a polluted Object.prototype behind it, it would be another descriptor, or none.
Object.setPrototypeOf(HiddenMember.prototype, null)
