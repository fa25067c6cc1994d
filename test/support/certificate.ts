// A self-signed X.509 certificate (RFC 5280 section 4.1), put together by hand: Node can read them but not make them.
import { sign } from 'node:crypto'
import type { SigningKey } from './keys.ts'

/** A certificate for a P-256 key in DER, valid from 2025 to 2049. */
export function selfSignedCertificate({ signer, verifier }: SigningKey): Buffer {
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'))
  const commonName = der(0x30, oid('550403'), der(0x0c, Buffer.from('id.example.com')))
  const name = der(0x30, der(0x31, commonName))
  const validity = der(0x30, utcTime('250101000000Z'), utcTime('490101000000Z'))
  const serial = der(0x02, Buffer.from([1]))
  const publicKey = verifier.export({ format: 'der', type: 'spki' })
  const content = der(0x30, serial, ecdsaWithSha256, name, validity, name, publicKey)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, signer))
  return der(0x30, content, ecdsaWithSha256, signature)
}

export function certificatePem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text))
}
