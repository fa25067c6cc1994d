// Verifiers that accept what mint() makes, with a clock that tests set.
import { createJwtVerifier, isJwtGateError, type Auth, type JwtGateError, type JwtVerifier } from '@jwtgate/core'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { keyFor, type SigningKey } from './keys.ts'
import { audience, issuer, now } from './mint.ts'

/** A clock that stands until it is set: `now` in seconds since 1970, `elapsed` in milliseconds. */
export class TestClock {
  seconds = now
  milliseconds = 0
  now = (): number => this.seconds * 1000
  elapsed = (): number => this.milliseconds

  /** Moves both on. */
  advance(milliseconds: number): void {
    this.milliseconds += milliseconds
    this.seconds += milliseconds / 1000
  }
}

const keyOptions = ['secret', 'publicKey', 'jwks', 'jwksUri']

/** The options of a verifier for {@link mint}'s default: ES256, at the fixed time, without tolerance. */
export function testOptions(changes: Partial<JwtVerifierOptions> = {}): JwtVerifierOptions {
  const publicKey = keyFor('ES256').verifier
  const keys = keyOptions.some((option) => option in changes) ? {} : { publicKey }
  const clock = new TestClock()
  return { issuer, audience, algorithms: ['ES256'], clockTolerance: 0, clock, ...keys, ...changes }
}

export function testVerifier(changes: Partial<JwtVerifierOptions> = {}): JwtVerifier {
  return createJwtVerifier(testOptions(changes))
}

/** Accepts what is signed with this key, which is given as `secret` or `publicKey`. */
export function verifierFor(key: SigningKey, changes: Partial<JwtVerifierOptions> = {}): JwtVerifier {
  const keys = key.alg.startsWith('HS') ? { secret: key.verifier } : { publicKey: key.verifier }
  return testVerifier({ algorithms: [key.alg], ...keys, ...changes })
}

/** The refusal of a token. Fails if it is accepted, or refused with anything but one of our errors. */
export async function refusalOf(promise: Promise<Auth>): Promise<JwtGateError> {
  try {
    await promise
  } catch (error) {
    if (isJwtGateError(error)) return error
    throw error
  }
  throw new Error('accepted, but should have been refused')
}

/** The code with which a token is refused. */
export async function codeOf(promise: Promise<Auth>): Promise<string> {
  return (await refusalOf(promise)).code
}

/** `accepted`, or the code with which a token is refused. */
export function outcomeOf(promise: Promise<Auth>): Promise<string> {
  return promise.then(
    () => 'accepted',
    () => codeOf(promise),
  )
}
