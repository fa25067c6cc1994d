// R and S side by side become the one DER that stands for them.
import { expect, it } from 'vitest'
import { derSignature } from '../src/crypto/ecdsa-signature.ts'

const zeros = (count: number): string => '00'.repeat(count)

it.each<[what: string, r: string, s: string, der: string]>([
  ['small numbers', '0001', '007f', '3006020101 02017f'],
  ['a high bit after a zero', '0080', '00ff', '300802020080 020200ff'],
  ['a high bit', '8000', 'ff01', '300a0203008000 020300ff01'],
  ['no zero at all', '7f00', '0100', '300802027f00 02020100'],
  ['zero', '0000', '0000', '3006020100 020100'],
  ['zeros within and at the end', '010000', '000100', '300902030 10000 02020100'],
  ['P-256, all bits', 'ff'.repeat(32), 'ff'.repeat(32), `3046022100${'ff'.repeat(32)}022100${'ff'.repeat(32)}`],
  [
    'P-256, with leading zeros',
    `${zeros(3)}${'7f'.repeat(29)}`,
    `${zeros(31)}80`,
    `3023021d${'7f'.repeat(29)}02020080`,
  ],
  [
    '127 bytes, in a short length',
    `00${'7f'.repeat(61)}`,
    '7f'.repeat(62),
    `307f023d${'7f'.repeat(61)}023e${'7f'.repeat(62)}`,
  ],
  [
    '128 bytes, in a long length',
    '7f'.repeat(62),
    '7f'.repeat(62),
    `308180023e${'7f'.repeat(62)}023e${'7f'.repeat(62)}`,
  ],
  [
    'P-521',
    `01${'ff'.repeat(65)}`,
    `00${'80'.repeat(65)}`,
    `3081880242 01${'ff'.repeat(65)} 0242 00${'80'.repeat(65)}`,
  ],
])('%s', (_what, r, s, der) => {
  expect(hex(derSignature(Buffer.from(r + s, 'hex')))).toBe(der.replaceAll(' ', ''))
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
