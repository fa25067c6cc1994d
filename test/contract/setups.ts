// The applications that the cases are sent to, by name.
import {
  createJwtVerifier,
  fromBearer,
  fromCookie,
  fromHeader,
  type JwtVerifier,
  type RevocationCheck,
} from '@jwtgate/core'
import { z } from 'zod'
import { tokenCacheOption } from '../support/token-cache.ts'
import type { Setup } from './application.ts'
import { confused, issuer, silent } from './issuers.ts'

const verifier = { ...issuer.options, ...tokenCacheOption }
const unreachable = { ...silent.options, ...tokenCacheOption }
const unusable = { ...confused.options, ...tokenCacheOption }
const tokenFrom = [fromBearer(), fromCookie('__Host-session'), fromHeader('x-access-token')]
const broken = z.unknown().transform(() => 'Canary7f3a') as unknown as z.ZodObject
const { audience: _audience, clock, ...withoutClock } = issuer.options
const several = createJwtVerifier(
  [
    { ...withoutClock, audience: 'api-a' },
    { issuer: silent.url, algorithms: ['ES256'], audience: 'api-b' },
  ],
  { clock, ...tokenCacheOption },
)

/** What the revocation hook does for a token with this `jti`, other than to say that it was not revoked. */
const checks: ReadonlyMap<unknown, () => unknown> = new Map<unknown, () => unknown>([
  ['revoked', () => true],
  ['throws', () => fail()],
  ['rejects', async () => fail()],
  ['says nothing', () => undefined],
  ['says 1', () => 1],
  ['says a text', async () => 'false'],
])

export const failingChecks = ['throws', 'rejects', 'says nothing', 'says 1', 'says a text']

const isRevoked = (({ claims }) => (checks.get(claims.jti) ?? (() => false))()) as RevocationCheck

function fail(): never {
  throw new Error('Canary7f3a')
}

function wrapped(verify: () => unknown): JwtVerifier {
  return { ...createJwtVerifier(issuer.options), verify: verify as JwtVerifier['verify'] }
}

async function throwNothing(): Promise<never> {
  throw undefined
}

export const setups = {
  required: { authentication: 'required', verifier },
  optional: { authentication: 'optional', verifier },
  none: { authentication: 'none', verifier },
  'required, realm orders': { authentication: 'required', verifier, options: { realm: 'orders' } },
  'optional, realm orders': { authentication: 'optional', verifier, options: { realm: 'orders' } },

  'required, several places': { authentication: 'required', verifier, options: { tokenFrom } },
  'optional, several places': { authentication: 'optional', verifier, options: { tokenFrom } },
  'required, cookie only': { authentication: 'required', verifier, options: { tokenFrom: fromCookie('session') } },

  'required, provider down': { authentication: 'required', verifier: unreachable },
  'optional, provider down': { authentication: 'optional', verifier: unreachable },
  'required, no keys': { authentication: 'required', verifier: { ...unreachable, jwksUri: silent.jwksUri } },
  'required, unusable keys': { authentication: 'required', verifier: unusable },
  'optional, unusable keys': { authentication: 'optional', verifier: unusable },
  'required, several issuers': { authentication: 'required', verifier: several },

  'required, revocation': { authentication: 'required', verifier: { ...verifier, isRevoked } },
  'optional, revocation': { authentication: 'optional', verifier: { ...verifier, isRevoked } },
  'required, schema': {
    authentication: 'required',
    verifier: { ...verifier, claims: z.object({ tenant: z.string().toUpperCase() }) },
  },
  // Wrapped by the application, badly: with an answer of nothing, and with an error that is none.
  'required, silent verifier': { authentication: 'required', verifier: wrapped(async () => undefined) },
  'optional, silent verifier': { authentication: 'optional', verifier: wrapped(async () => undefined) },
  'required, verifier that throws nothing': { authentication: 'required', verifier: wrapped(throwNothing) },

  'required, broken schema': { authentication: 'required', verifier: { ...verifier, claims: broken } },
} satisfies Readonly<Record<string, Omit<Setup, 'problems'>>>

export type SetupName = keyof typeof setups
