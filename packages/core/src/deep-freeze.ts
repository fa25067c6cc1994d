// Freezes plain data, all the way down: plain objects and arrays, not what a schema made of them, such as a Date.

/** Freezes and returns what came out of JSON: a tree, at most 64 levels deep. */
export function deepFreeze<Value>(value: Value): Value {
  return freeze(value, undefined)
}

/** The same for what an application made: parts may be frozen already, or stand in each other. */
export function deepFreezeGraph<Value>(value: Value): Value {
  return freeze(value, new Set())
}

function freeze<Value>(value: Value, seen: Set<object> | undefined): Value {
  if (!isPlain(value) || seen?.has(value)) return value
  seen?.add(value)
  Object.freeze(value)
  for (const member of Object.values(value)) freeze(member, seen)
  return value
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}
