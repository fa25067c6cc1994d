// A thousand issuers behind one verifier: a token costs one look-up and touches one of them; 10,000 are the most.
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JwtVerifier } from '@jwtgate/core'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { severalIssuers, testIssuer, type TestIssuer } from '../../../test/support/issuers.ts'
import { keyFor } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf } from '../../../test/support/verifiers.ts'

const key = keyFor('EdDSA')

function tenantName(index: number): string {
  return `https://tenant-${index}.example.com`
}

describe('a thousand issuers', () => {
  let tenants: readonly TestIssuer[]
  let verifier: JwtVerifier
  /** Which of them were asked where permissions stand. */
  const asked: string[] = []

  beforeAll(() => {
    tenants = Array.from({ length: 1_000 }, (_, index) => testIssuer(tenantName(index), 'EdDSA'))
    const options = tenants.map((tenant, index) =>
      tenant.options({
        audience: `api-${index}`,
        permissionsFrom: () => {
          asked.push(tenant.name)
          return [`of ${index}`]
        },
      }),
    )
    // Without memory: it is asked for each token, also for the same.
    verifier = severalIssuers(options, { tokenCache: false })
  })

  it('vouch each for its own tokens, with its own audience and permissions', async () => {
    const auths = await Promise.all(tenants.map(({ mint }, index) => verifier.verify(mint({ aud: `api-${index}` }))))
    expect(auths.map(({ claims, permissions }) => [claims.iss, permissions])).toEqual(
      tenants.map(({ name }, index) => [name, [`of ${index}`]]),
    )
  })

  it("do not vouch for their neighbours' tokens", async () => {
    for (const index of [0, 1, 499, 998]) {
      const [one, next] = [tenants[index], tenants[index + 1]]
      expect(await outcomeOf(verifier.verify(one?.mint({}, next && { key: next.key }) ?? ''))).toBe('signature_invalid')
      expect(await outcomeOf(verifier.verify(one?.mint({ aud: `api-${index + 1}` }) ?? ''))).toBe('audience_mismatch')
    }
  })

  it.each([0, 500, 999])('are not touched by a token of another: of number %i', async (index) => {
    asked.length = 0
    await verifier.verify(tenants[index]?.mint({ aud: `api-${index}` }) ?? '')
    expect(asked).toEqual([tenantName(index)])
  })

  describe('cost', () => {
    /** What was done with a map that has an entry for each issuer. */
    const counts = { lookUps: 0, steps: 0 }
    const undo: (() => void)[] = []

    afterEach(() => {
      for (const action of undo.splice(0)) action()
    })

    it('is counted', () => {
      countWork()
      const map = new Map(tenants.map(({ name }) => [name, 1]))
      map.get('x')
      map.has('x')
      for (const _entry of map) if (counts.steps === 3) break
      expect(counts).toEqual({ lookUps: 2, steps: 3 })
      expect([...map.keys()]).toHaveLength(1_000)
      expect(counts.steps).toBeGreaterThan(1_000)
    })

    it.each([0, 500, 999])('one look-up for a token of number %i', async (index) => {
      const token = tenants[index]?.mint({ aud: `api-${index}` }) ?? ''
      countWork()
      await verifier.verify(token)
      expect(counts).toEqual({ lookUps: 1, steps: 0 })
    })

    it('no walk through all of them for the token of a stranger', async () => {
      const token = mint({ iss: 'https://mallory.example.com' }, { key })
      countWork()
      expect(await outcomeOf(verifier.verify(token))).toBe('issuer_mismatch')
      expect(counts.lookUps).toBeLessThan(10)
      expect(counts.steps).toBeLessThan(10)
    })

    function countWork(): void {
      Object.assign(counts, { lookUps: 0, steps: 0 })
      for (const name of ['get', 'has']) replace(name, () => counts.lookUps++)
      for (const name of ['keys', 'values', 'entries', Symbol.iterator]) replace(name, () => {}, counting)
      replace('forEach', (map) => (counts.steps += map.size))
    }

    /** Calls pass through to the real method; maps that are not as large as ours are not counted. */
    function replace(
      name: string | symbol,
      note: (map: Map<unknown, unknown>) => void,
      wrap: (result: unknown) => unknown = (result) => result,
    ): void {
      const descriptor = Object.getOwnPropertyDescriptor(Map.prototype, name)
      if (descriptor === undefined) throw new Error(`a Map has no ${String(name)}`)
      const original = descriptor.value as (this: unknown, ...args: readonly unknown[]) => unknown
      const counted = function (this: Map<unknown, unknown>, ...args: readonly unknown[]): unknown {
        const result = Reflect.apply(original, this, args)
        if (this.size < 1_000) return result
        note(this)
        return wrap(result)
      }
      Reflect.defineProperty(Map.prototype, name, { ...descriptor, value: counted })
      undo.push(() => Reflect.defineProperty(Map.prototype, name, descriptor))
    }

    function* counting(entries: unknown): Generator {
      for (const entry of entries as Iterable<unknown>) {
        counts.steps++
        yield entry
      }
    }
  })
})

describe('the most issuers', () => {
  const tenant = testIssuer('', 'EdDSA', key)
  const options = (length: number) =>
    Array.from({ length }, (_, index) => tenant.options({ issuer: tenantName(index) }))

  it('are 10,000', async () => {
    const verifier = severalIssuers(options(10_000))
    expect(await outcomeOf(verifier.verify(mint({ iss: tenantName(9_999) }, { key })))).toBe('accepted')
  })

  it('are not 10,001', () => {
    const error = configErrorOf(() => severalIssuers(options(10_001)))
    expect(error.option).toBe('issuer')
    expect(error.message).toMatch(/10,?000/)
  })

  it('are 10,000 with all their spellings', () => {
    const spellings = (count: number) => Array.from({ length: count }, (_, index) => `spelling-${index}`)
    const spelled = (count: number) => [...options(1), tenant.options({ issuer: spellings(count) })]
    expect(() => severalIssuers(spelled(9_999))).not.toThrow()
    expect(configErrorOf(() => severalIssuers(spelled(10_000))).option).toBe('issuer')
  })
})
