// DER (ITU-T X.690), to the letter: one spelling for each element, and nothing behind the last one.
import { describe, expect, it } from 'vitest'
import { der } from '../../../test/support/der.ts'
import {
  elementsOf,
  hasTags,
  readDer,
  readFirstSequence,
  readSequence,
  unsignedInteger,
  wholeBytes,
} from '../src/crypto/der.ts'

function bytes(hex: string, zeros = 0): Buffer {
  return Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), Buffer.alloc(zeros)])
}

function element(hex: string): { readonly tag: number; readonly content: Uint8Array } {
  const [tag = 0, ...content] = bytes(hex)
  return { tag, content: Buffer.from(content) }
}

const null0 = bytes('0500')
const integer1 = bytes('020101')

describe('the elements', () => {
  it('are none where there are no bytes', () => {
    expect(readDer(bytes(''))).toEqual([])
  })

  it('are read one behind the other', () => {
    expect(readDer(bytes('0500 020101 0402aabb'))).toEqual([element('05'), element('0201'), element('04aabb')])
  })

  it.each([0, 1, 0x7e, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x101, 0xffff])('can have a content of %i bytes', (length) => {
    const content = Buffer.alloc(length, 0xaa)
    expect(readDer(Buffer.concat([der(0x04, content), null0]))).toEqual([{ tag: 0x04, content }, element('05')])
  })

  it('can have a content whose length takes three bytes', () => {
    expect(readDer(bytes('0483010000', 0x10000))?.map(({ content }) => content.length)).toEqual([0x10000])
  })

  it.each(['1e00', '3e00', 'be00', '0000', '2000'])('can have any tag of one byte: %s', (hex) => {
    expect(readDer(bytes(hex))).toEqual([element(hex.slice(0, 2))])
  })

  it.each<[string, Buffer]>([
    ['a tag alone', bytes('04')],
    ['a zero byte alone', bytes('00')],
    ['a content that is missing', bytes('0401')],
    ['a content that ends early', bytes('0403aabb')],
    ['a tag alone behind an element', bytes('0500 05')],
    ['a broken element behind a good one', bytes('0500 0401')],
    ['a tag that goes on', bytes('1f0100')],
    ['a tag that goes on, of a constructed element', bytes('bf2100')],
    ['an indefinite length and nothing', bytes('3080')],
    ['an indefinite length that ends at once', bytes('3080 0000')],
    ['an indefinite length around an element', bytes('3080 0500 0000')],
    ['no length after its size of one byte', bytes('0481')],
    ['one of two bytes of its length', bytes('048201')],
    ['two of three bytes of its length', bytes('0483ffff')],
    ['a content that ends early behind a long length', bytes('0481ff', 0xfe)],
    ['no content behind a long length', bytes('048180')],
    ['a length of 0 in two bytes', bytes('048100')],
    ['a length of 1 in two bytes', bytes('048101aa')],
    ['a length of 127 in two bytes', bytes('04817f', 0x7f)],
    ['a length of 1 in three bytes', bytes('04820001', 1)],
    ['a length of 128 in three bytes', bytes('04820080', 0x80)],
    ['a length of 255 in three bytes', bytes('048200ff', 0xff)],
    ['a length of 256 in four bytes', bytes('0483000100', 0x100)],
    ['a length of 65535 in four bytes', bytes('048300ffff', 0xffff)],
    ['a length of 65536 in five bytes', bytes('048400010000', 0x10000)],
    ['a length of 4 GiB', bytes('0484ffffffff', 0x100)],
    ['a length that no number holds exactly', bytes(`0488${'ff'.repeat(8)}`, 0x100)],
    ['a length of 126 bytes, all zero', bytes('04fe', 0x100)],
    ['the length that is reserved', bytes(`04ff${'ff'.repeat(127)}`, 0x100)],
  ])('are none of it if there is %s', (_what, malformed) => {
    expect(readDer(malformed)).toBeUndefined()
    expect(readFirstSequence(der(0x30, malformed))).toBeUndefined()
  })
})

describe('a sequence', () => {
  it('is read with all that is in it', () => {
    expect(readSequence(der(0x30))).toEqual([])
    expect(readSequence(der(0x30, integer1, null0))).toEqual([element('0201'), element('05')])
  })

  it.each<[string, Buffer]>([
    ['nothing', bytes('')],
    ['an element of another kind', der(0x31, integer1)],
    ['a sequence and another', Buffer.concat([der(0x30, integer1), der(0x30, integer1)])],
    ['a sequence and a broken element', Buffer.concat([der(0x30, integer1), bytes('05')])],
    ['a sequence behind another element', Buffer.concat([null0, der(0x30, integer1)])],
    ['a sequence that ends early', der(0x30, integer1).subarray(0, -1)],
    ['a sequence of a broken element', der(0x30, integer1.subarray(0, -1))],
  ])('is not %s', (_what, other) => {
    expect(readSequence(other)).toBeUndefined()
  })

  it('is read from the beginning of the bytes, whatever stands behind it', () => {
    for (const behind of ['', '00', '05', '0500', 'ffff']) {
      expect(readFirstSequence(Buffer.concat([der(0x30, integer1), bytes(behind)]))).toEqual([element('0201')])
    }
  })

  it.each(['', '30', '00', '0500', '0201 30', '3103020101', '3102020101', '0500 3003020101'])(
    'does not begin with %s',
    (hex) => {
      expect(readFirstSequence(bytes(hex))).toBeUndefined()
    },
  )

  it('is read from an element, unless it is another one or none', () => {
    expect(elementsOf(element('30 020101 0500'))).toEqual([element('0201'), element('05')])
    expect(elementsOf(element('30'))).toEqual([])
    expect(elementsOf(element('30 0201'))).toBeUndefined()
    expect(elementsOf(element('31 020101'))).toBeUndefined()
    expect(elementsOf(undefined)).toBeUndefined()
  })
})

describe('the tags', () => {
  const elements = readDer(Buffer.concat([integer1, null0]))

  it('are those of the first elements, in their order', () => {
    for (const tags of [[], [0x02], [0x02, 0x05]]) expect(hasTags(elements, ...tags)).toBe(true)
    for (const tags of [[0x05], [0x05, 0x02], [0x02, 0x02], [0x05, 0x05], [0x02, 0x05, 0x05]]) {
      expect(hasTags(elements, ...tags)).toBe(false)
    }
  })

  it('are none where there are no elements', () => {
    expect(hasTags([], 0x02)).toBe(false)
    expect(hasTags(undefined, 0x02)).toBe(false)
  })
})

describe('an integer', () => {
  it.each(['00', '01', '7f', '0080', '00ff', '0100', '010001', '7fffff', '008000', '00ff00'])(
    'is read if it is not negative: %s',
    (hex) => {
      expect(unsignedInteger(element(`02${hex}`))).toEqual(element(`02${hex}`).content)
    },
  )

  it.each([
    ['it has no bytes', '02'],
    ['it is negative', '0280'],
    ['it is negative', '02ff'],
    ['it is negative', '02ff7f'],
    ['it is negative', '02800000'],
    ['it has a zero byte too many', '020000'],
    ['it has a zero byte too many', '020001'],
    ['it has a zero byte too many', '02007f'],
    ['it has a zero byte too many', '02000080'],
    ['it is a bit string', '0301'],
    ['it is an octet string', '0401'],
    ['it is an enumerated', '0a01'],
  ])('is refused if %s: %s', (_why, hex) => {
    expect(unsignedInteger(element(hex))).toBeUndefined()
  })

  it('is not there without an element', () => {
    expect(unsignedInteger(undefined)).toBeUndefined()
  })
})

describe('a bit string', () => {
  it('is its bytes, without the number of the unused bits', () => {
    expect(wholeBytes(element('03 00 aabb'))).toEqual(element('03 aabb').content)
    expect(wholeBytes(element('03 00'))).toEqual(element('03').content)
  })

  it.each([
    ['has an unused bit', '03 01 aa'],
    ['has seven unused bits', '03 07 80'],
    ['has more unused bits than there are in a byte', '03 ff aa'],
    ['does not say how many bits are unused', '03'],
    ['is an octet string', '04 00 aa'],
    ['is an integer', '02 00 aa'],
  ])('is refused if it %s', (_why, hex) => {
    expect(wholeBytes(element(hex))).toBeUndefined()
  })

  it('is not there without an element', () => {
    expect(wholeBytes(undefined)).toBeUndefined()
  })
})
