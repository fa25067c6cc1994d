// One JSON object out of bytes: UTF-8, bounded depth, no member twice, no broken text. JSON.parse alone allows all of it.

/** A parsed JSON object. Members that are named like something on `Object.prototype` are plain own members. */
export type JsonObject = Readonly<Record<string, unknown>>

const deepest = 64

// A byte order mark is kept, so that JSON.parse refuses it (RFC 8259 section 8.1 forbids to add one).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The object, deeply frozen; or why it is refused: a constant phrase that quotes nothing of the input. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | string {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return 'it is not UTF-8'
  }

  const colons = countMemberColons(bytes)
  if (colons === undefined) return `it is nested deeper than ${deepest} levels`

  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it does not parse' // The parser's own message quotes its input.
  }
  if (!isJsonObject(value)) return 'it is not an object'

  // UTF-8 has none: it takes an escape to write one.
  if (text.includes('\\') && !isWellFormed(value)) return 'it holds a lone surrogate'
  return freezeAndCount(value) === colons ? value : 'it has a member twice'
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * How many members the text spells out: in JSON each has one colon outside of strings. `undefined` if it nests too deep.
 * Right for every text that JSON.parse accepts; for others the number means nothing and is not used. Of UTF-8, no byte of a
 * longer character is any of these.
 */
function countMemberColons(bytes: Uint8Array): number | undefined {
  let colons = 0
  let depth = 0
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index] ?? 0) {
      case quote:
        index = endOfString(bytes, index)
        break
      case 0x3a: // :
        colons++
        break
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) return undefined
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
        break
    }
  }
  return colons
}

const quote = 0x22
const backslash = 0x5c

/** Where the string ends that begins here. Whatever follows a backslash does not end it. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1
  while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1
  return index
}

/**
 * How many members the parsed value has: fewer than were spelled out, if a name stood twice in one object, however it was
 * escaped. Freezes all of it on its way.
 */
function freezeAndCount(value: object): number {
  Object.freeze(value)
  if (isJsonObject(value)) {
    const names = Object.keys(value)
    let members = names.length
    for (const name of names) members += countWithin(value[name])
    return members
  }
  let members = 0
  // What JSON has besides objects of members are lists.
  for (const element of value as readonly unknown[]) members += countWithin(element)
  return members
}

function countWithin(value: unknown): number {
  return typeof value === 'object' && value !== null ? freezeAndCount(value) : 0
}

/** Whether all names and texts are well-formed Unicode. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member))
}
