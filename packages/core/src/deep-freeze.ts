// Freezes plain data, all the way down.

/** Freezes and returns it. Recursion is fine: what comes out of a token is at most 64 levels deep. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
