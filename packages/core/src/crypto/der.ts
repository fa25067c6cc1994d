// DER (ITU-T X.690), as far as keys and certificates need it: strict, and nothing is built of what is not looked at.

export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
}

export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  /** Explicit `[0]`: the version of a certificate. */
  context0: 0xa0,
} as const

/** The elements that the bytes are made of, one behind the other; `undefined` if they are not, to the last byte. */
export function readDer(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = []
  for (let rest = bytes; rest.length > 0;) {
    const first = readFirst(rest)
    if (first === undefined) return undefined
    elements.push(first.element)
    rest = rest.subarray(first.length)
  }
  return elements
}

/** The elements within a sequence that the bytes are. */
export function readSequence(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements = readDer(bytes)
  return elements?.length === 1 ? elementsOf(elements[0]) : undefined
}

/** The elements within a sequence that the bytes begin with. */
export function readFirstSequence(bytes: Uint8Array): readonly DerElement[] | undefined {
  return elementsOf(readFirst(bytes)?.element)
}

/** The elements within a SEQUENCE. */
export function elementsOf(element: DerElement | undefined): readonly DerElement[] | undefined {
  return element?.tag === derTags.sequence ? readDer(element.content) : undefined
}

/** Whether there are elements that begin with these tags. */
export function hasTags(elements: readonly DerElement[] | undefined, ...tags: readonly number[]): boolean {
  return tags.every((tag, index) => elements?.[index]?.tag === tag)
}

/** The bytes of an INTEGER that is not negative: the first is zero where the next would be taken for a sign. */
export function unsignedInteger(element: DerElement | undefined): Uint8Array | undefined {
  if (element?.tag !== derTags.integer) return undefined
  const [first, second = 0x80] = element.content
  if (first === undefined || first > 0x7f || (first === 0 && second < 0x80)) return undefined
  return element.content
}

/** The whole bytes of a BIT STRING. */
export function wholeBytes(element: DerElement | undefined): Uint8Array | undefined {
  return element?.tag === derTags.bitString && element.content[0] === 0 ? element.content.subarray(1) : undefined
}

function readFirst(bytes: Uint8Array): { readonly element: DerElement; readonly length: number } | undefined {
  // Missing bytes count as zero here: at last, the element is longer than the bytes.
  const [tag = 0, short = 0] = bytes
  if ((tag & 0x1f) === 0x1f) return undefined // The tag goes on in the next byte: nothing here has such a one.
  let start = 2
  let size = short
  if (short > 0x7f) {
    // The length stands in the next bytes. In none of them (the indefinite form) it is 0, which is too small.
    start += short & 0x7f
    size = bytes.subarray(2, start).reduce((sum, byte) => sum * 0x100 + byte, 0)
    if (size < 0x80 || size < 0x100 ** (start - 3)) return undefined // Not the shortest form.
  }
  const length = start + size
  return length <= bytes.length ? { element: { tag, content: bytes.subarray(start, length) }, length } : undefined
}
