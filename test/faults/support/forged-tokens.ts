// Tokens that nobody signed, each with a `kid` of its own, as cheap to make as they are for an attacker.
import { randomUUID } from 'node:crypto'
import { base64url } from '../../support/mint.ts'
import type { TokenAt } from './client.ts'
import { newIssuerKey, tokenFrom } from './tokens.ts'

/** Good in all but the key: each asks for one that the issuer may just have published. */
export function forgedTokens(issuer: string): TokenAt {
  const [, payload, signature] = tokenFrom(issuer, newIssuerKey('forged')).split('.')
  return () => `${base64url(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: randomUUID() }))}.${payload}.${signature}`
}
