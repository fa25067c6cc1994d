// A second parser of JSON objects, slow and obvious: RFC 8259's grammar word by word, and what else a token must not hold.

/** Why a text is no JSON object as a token may have one. */
export class NotAcceptable extends Error {}

const deepest = 64

/** @throws NotAcceptable */
export function parseObviously(bytes: Uint8Array): Record<string, unknown> {
  const reader = new Reader(textOf(bytes))
  const value = reader.value(0)
  reader.blanks()
  if (!reader.isAtEnd()) throw new NotAcceptable('more follows')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotAcceptable('no object')
  return value as Record<string, unknown>
}

/** RFC 3629 section 4: encoding again gives the same bytes only for what was well-formed. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw new NotAcceptable('not UTF-8')
  return text
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  blanks(): void {
    this.#take(/[ \t\n\r]*/y)
  }

  value(depth: number): unknown {
    this.blanks()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth + 1)
      case '[':
        return this.#array(depth + 1)
      case '"':
        return this.#string()
      default:
        return this.#word()
    }
  }

  #object(depth: number): Record<string, unknown> {
    if (depth > deepest) throw new NotAcceptable('too deep')
    const members = new Map<string, unknown>()
    this.#list('{', '}', () => {
      this.blanks()
      const name = this.#string()
      this.blanks()
      this.#expect(':')
      if (members.has(name)) throw new NotAcceptable('a member twice')
      members.set(name, this.value(depth))
    })
    const object: Record<string, unknown> = {}
    for (const [name, value] of members) {
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
    }
    return object
  }

  #array(depth: number): unknown[] {
    if (depth > deepest) throw new NotAcceptable('too deep')
    const elements: unknown[] = []
    this.#list('[', ']', () => elements.push(this.value(depth)))
    return elements
  }

  #list(open: string, close: string, item: () => void): void {
    this.#expect(open)
    this.blanks()
    if (this.#text[this.#at] === close) {
      this.#at++
      return
    }
    for (;;) {
      item()
      this.blanks()
      if (this.#text[this.#at] !== ',') break
      this.#at++
    }
    this.#expect(close)
  }

  #string(): string {
    this.#expect('"')
    let content = ''
    for (;;) {
      const plain = this.#take(/[^"\\]*/y)
      if (plain.split('').some((character) => character < ' ')) fail()
      content += plain
      const next = this.#text[this.#at++]
      if (next === '"') break
      if (next !== '\\') throw new NotAcceptable('an open string')
      const letter = this.#text[this.#at++] ?? ''
      if (letter === 'u') content += String.fromCharCode(Number.parseInt(this.#take(/[0-9a-fA-F]{4}/y) || fail(), 16))
      else content += Object.hasOwn(escapes, letter) ? escapes[letter] : fail()
    }
    if (/\p{Surrogate}/u.test(content)) throw new NotAcceptable('a lone surrogate')
    return content
  }

  #word(): unknown {
    const number = this.#take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y)
    if (number !== '') return Number(number)
    switch (this.#take(/true|false|null/y)) {
      case 'true':
        return true
      case 'false':
        return false
      case 'null':
        return null
      default:
        return fail()
    }
  }

  #expect(character: string): void {
    if (this.#text[this.#at++] !== character) fail()
  }

  /** What the pattern matches here. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }
}

function fail(): never {
  throw new NotAcceptable('not the grammar')
}
