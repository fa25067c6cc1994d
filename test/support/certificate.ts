// A self-signed X.509 certificate (RFC 5280 section 4.1), put together by hand: Node can read them but not make them.
import { sign } from 'node:crypto'
import { der, oid, pemOf } from './der.ts'
import type { SigningKey } from './keys.ts'

/** A certificate for a P-256 key in DER, valid from 2025 to 2049. */
export function selfSignedCertificate({ signer, verifier }: SigningKey, version: 1 | 3 = 1): Buffer {
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'))
  const commonName = der(0x30, oid('550403'), der(0x0c, Buffer.from('id.example.com')))
  const name = der(0x30, der(0x31, commonName))
  const validity = der(0x30, utcTime('250101000000Z'), utcTime('490101000000Z'))
  // That of version 1 is left out.
  const versions = version === 1 ? [] : [der(0xa0, der(0x02, Buffer.from([version - 1])))]
  const serial = der(0x02, Buffer.from([1]))
  const publicKey = verifier.export({ format: 'der', type: 'spki' })
  const content = der(0x30, ...versions, serial, ecdsaWithSha256, name, validity, name, publicKey)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, signer))
  return der(0x30, content, ecdsaWithSha256, signature)
}

export function certificatePem(certificate: Uint8Array): string {
  return pemOf(certificate, 'CERTIFICATE')
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text))
}
