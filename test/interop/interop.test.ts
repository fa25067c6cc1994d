// Tokens and keys that other implementations make while the test runs, before our verifier, by the engine of this run.
import type { AlgorithmName, Jwk, JwtVerifierOptions } from '@jwtgate/core'
import { describe, expect, it } from 'vitest'
import { engine } from '../support/engine.ts'
import { audience, issuer, partsOf } from '../support/mint.ts'
import { outcomeOf } from '../support/verifiers.ts'
import { formsOf, verifierOf, type Form } from './forms.ts'
import { name, type Answer, type Keys, type Minter, type Order, type TokenOrder } from './minter.ts'
import { minters } from './minters/all.ts'
import { orderFor } from './order.ts'
import { checksFor } from './our-tokens.ts'
import { withOtherBits, withOtherClaim, withPayloadOf } from './spoil.ts'

/** What came of one implementation. */
interface Minting {
  readonly minter: Minter
  readonly order: Order
  readonly milliseconds: number
  /** `undefined` where it is not installed, and where it failed. */
  readonly answer: Answer | undefined
  readonly error: unknown
}

const checks = await checksFor([...new Set(minters.flatMap(({ algorithms }) => algorithms))])
const mintings: Minting[] = []
// One after the other: files that run at the same time measure durations, and all at once would load the machine.
for (const minter of minters) mintings.push(await mint(minter))
const missing = mintings.filter(({ answer, error }) => answer === undefined && error === undefined)

// A test for each, so that the report counts and names it.
describe.each(missing)('$minter.name', ({ minter, order, answer }) => {
  const leftOut = `Debian: ${minter.debian.join(' ')}); ${order.tokens.length} tokens are left out`
  console.log(`[interop on ${engine}] ${minter.name} is not installed (${leftOut}`)
  it.skipIf(answer === undefined)(`is not installed (${leftOut}`, () => expect(answer).toBeDefined())
})

describe.each(mintings.filter((minting) => !missing.includes(minting)))('$minter.name', (minting) => {
  const { minter, order, answer, error, milliseconds } = minting

  it('mints what is ordered, with the headers that are asked for', () => {
    if (error !== undefined) throw error
    const headers = answer?.tokens.map((token, index) => headerMembers(token, order.tokens[index]))
    expect(headers).toEqual(order.tokens.map(({ alg, kid, typ }) => ({ alg, kid, typ })))
    console.log(`[interop on ${engine}] ${minter.name}: ${headers?.length} tokens in ${milliseconds.toFixed(0)} ms`)
  })

  if (answer === undefined) return

  describe.each(minter.algorithms)('%s', (alg) => {
    const { own, other } = keysOf(answer, alg)
    const forms = formsOf(own)
    const tokens = tokensOf(minting, answer, alg)

    it(`is accepted with its claims as they were meant, by the key as ${namesOf(forms)}`, async () => {
      expect(await misjudged(tokens, 'accepted', alg, forms)).toEqual([])
      for (const form of forms) {
        const verifier = verifierOf(alg, form)
        const verified = await Promise.all(tokens.map(({ token }) => verifier.verify(token)))
        expect(verified.map(({ claims }) => claims)).toEqual(tokens.map(({ claims }) => claims))
      }
    })

    it('is refused with another byte in a claim, the payload of another token, another bit in the signature', async () => {
      const changed = tokens.flatMap(({ about, token }, index) => {
        const previous = tokens.at(index - 1)?.token ?? ''
        const forgeries = [withOtherClaim(token), withPayloadOf(previous, token), ...withOtherBits(token)]
        return forgeries.map((forgery) => ({ about, token: forgery }))
      })
      expect(changed.length).toBe(5 * tokens.length)
      expect(await misjudged(changed, 'signature_invalid', alg, forms)).toEqual([])
    })

    it('is refused by another key of the same making', async () => {
      // In a JWK Set it has to have the name of the key that signed, or it would not be asked.
      const named = other.jwk === undefined ? other : { ...other, jwk: { ...other.jwk, kid: own.jwk?.kid ?? '' } }
      expect(await misjudged(tokens, 'signature_invalid', alg, formsOf(named))).toEqual([])
    })

    it.each(setsOf(answer, alg))('is accepted by $name if it names one, and refused if it names none', async (set) => {
      const naming = tokens.filter(({ kid }) => kid)
      const others = tokens.filter(({ kid }) => !kid)
      expect(await misjudged(naming, 'accepted', alg, [set])).toEqual([])
      expect(await misjudged(others, 'key_unknown', alg, [set])).toEqual([])
    })

    it('comes from an implementation that accepts the token of our issuer, and refuses it with another claim', () => {
      const verdicts = answer.verdicts.filter((_, index) => order.checks[index]?.alg === alg)
      expect(verdicts).toEqual([true, false])
    })
  })

  for (const { about, alg, token } of answer.ownWays) {
    it(`is accepted with ${about} (${alg}), and refused with another byte in a claim`, async () => {
      // Most write no `nbf` unless they are told to.
      const options = { optionalClaims: ['nbf'] } as const
      const forms = formsOf(keysOf(answer, alg).own)
      const changed = { about, token: withOtherClaim(token) }
      expect(await misjudged([{ about, token }], 'accepted', alg, forms, options)).toEqual([])
      expect(await misjudged([changed], 'signature_invalid', alg, forms, options)).toEqual([])
      for (const form of forms) {
        const { claims } = await verifierOf(alg, form, options).verify(token)
        expect(claims).toMatchObject({ iss: issuer, sub: 'alice', name })
        expect(Math.abs(claims.exp - 3600 - Date.now() / 1000)).toBeLessThan(300)
        expect([audience, [audience]]).toContainEqual(claims.aud)
      }
    })
  }
})

async function mint(minter: Minter): Promise<Minting> {
  const order = orderFor(minter, checks)
  const startedAt = performance.now()
  const ended = await minter.mint(order).then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  )
  return { minter, order, milliseconds: performance.now() - startedAt, ...ended }
}

/** What is judged in another way than expected, in words. */
async function misjudged(
  tokens: readonly Pick<Minted, 'about' | 'token'>[],
  expected: string,
  alg: AlgorithmName,
  forms: readonly Form[],
  options: Partial<JwtVerifierOptions> = {},
): Promise<readonly string[]> {
  const judged = forms.flatMap((form) => {
    const verifier = verifierOf(alg, form, options)
    return tokens.map(async ({ about, token }) => {
      const outcome = await outcomeOf(verifier.verify(token))
      return outcome === expected ? [] : [`${outcome}, and not ${expected}: ${about}, by the key as ${form.name}`]
    })
  })
  return (await Promise.all(judged)).flat()
}

function namesOf(forms: readonly Form[]): string {
  return forms.map(({ name }) => name).join(', ')
}

function keysOf({ keys }: Answer, alg: AlgorithmName): Keys {
  const found = keys[alg]
  if (found === undefined) throw new Error(`No key for ${alg}`)
  return found
}

interface Minted extends TokenOrder {
  readonly token: string
}

function tokensOf({ order }: Minting, { tokens }: Answer, alg: AlgorithmName): readonly Minted[] {
  return order.tokens
    .map((ordered, index) => ({ ...ordered, token: tokens[index] ?? '' }))
    .filter((minted) => minted.alg === alg)
}

/** What it would publish, the keys that sign nothing included; none for HMAC, and where it writes no JWKs. */
function setsOf({ keys }: Answer, alg: AlgorithmName): readonly Form[] {
  if (keys[alg]?.own.jwk === undefined) return []
  const jwks = Object.values(keys).flatMap(({ own, other }) => [own.jwk, other.jwk])
  const published = jwks.filter((jwk): jwk is Jwk => jwk !== undefined)
  return [{ name: 'the JWK Set of all its keys', options: { jwks: { keys: published } } }]
}

/** `typ` is the implementation's own affair where nothing was said about it. */
function headerMembers(token: string, order: TokenOrder | undefined): unknown {
  const [part] = partsOf(token)
  const header = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const typ = order?.typ === undefined ? undefined : (header.typ ?? null)
  return { alg: header.alg, kid: Object.hasOwn(header, 'kid'), typ }
}
