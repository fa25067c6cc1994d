// Freezes plain data, all the way down.

/**
 * Freezes and returns it: plain objects and arrays, not what a schema made of them, such as a Date. Recursion is fine: what
 * comes out of a token is at most 64 levels deep.
 */
export function deepFreeze<Value>(value: Value): Value {
  if (isPlain(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}
