// jsonwebtoken as a target: with a KeyObject, and with text (PEM for public keys), which is what users of jwks-rsa get.
import type { KeyObject } from 'node:crypto'
import jsonwebtoken, { type Algorithm, type VerifyOptions } from 'jsonwebtoken'
import type { Material, SyncTarget } from './target.ts'

export function jsonwebtokenTargets({ algorithm, issuer, key, keyText }: Material): readonly SyncTarget[] {
  if (algorithm === 'EdDSA') return []
  const algorithms = [algorithm as Algorithm]
  const options: VerifyOptions = { algorithms, issuer: issuer.url, audience: issuer.audience }
  const target = (form: string, key: KeyObject | string): SyncTarget => ({
    name: `jsonwebtoken, ${form}`,
    verify: (token) => jsonwebtoken.verify(token, key, options) as object,
  })
  return [target('KeyObject', key), target(algorithm.startsWith('HS') ? 'text' : 'PEM', keyText)]
}
