// What no guard can avoid for a token that is new: the signature check of node:crypto. Nothing of the claims, so no guard at all.
import { createPublicKey, verify } from 'node:crypto'

/** @returns what throws unless the header has a token with a good signature */
export function signatureCheck(publicKey: string): (authorization: string | undefined) => void {
  const key = createPublicKey(publicKey)
  return (authorization = '') => {
    const token = authorization.slice('Bearer '.length)
    const end = token.lastIndexOf('.')
    const [signed, signature] = [
      Buffer.from(token.slice(0, end), 'latin1'),
      Buffer.from(token.slice(end + 1), 'base64url'),
    ]
    if (!verify('sha256', signed, key, signature)) throw new Error('The signature is bad')
  }
}
