// Reads JSON that came from outside: a member that is not there, or of another type, is an error and not a surprise.

export type JsonObject = Readonly<Record<string, unknown>>

export function parseObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error(`not a JSON object: ${text}`)
  return value
}

export function stringOf(object: JsonObject, name: string): string {
  const value = object[name]
  if (typeof value !== 'string') throw new Error(`no string ${name} in ${JSON.stringify(object)}`)
  return value
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
