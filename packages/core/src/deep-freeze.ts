// Freezes what an application made, all the way down: plain objects and arrays, not what a schema made of them, such as a Date.

/** Parts may be frozen already, or stand in each other. */
export function deepFreeze<Value>(value: Value): Value {
  return freeze(value, new Set())
}

function freeze<Value>(value: Value, seen: Set<object>): Value {
  if (!isPlain(value) || seen.has(value)) return value
  seen.add(value)
  Object.freeze(value)
  for (const member of Object.values(value)) freeze(member, seen)
  return value
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}
