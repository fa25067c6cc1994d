// A recipe and the verifier it is for -> a token.
import { createSecretKey } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { signatureOf } from '../../packages/testing/src/compact-jws.ts'
import { audience, issuer, now } from '../support/mint.ts'
import { keyNamed, publicKeys, strangers, unfitKeys, type PoolKey } from './key-pool.ts'
import { reshape, spell, splice, type Recipe, type Splice } from './recipes.ts'
import type { Setup } from './setups.ts'

/** Anything that passes for a token; its characters are bytes, as in a header field. */
export function tokenOf(recipe: Recipe, setup: Setup): string {
  const alg = setup.algorithms[recipe.algorithm % setup.algorithms.length] ?? 'RS256'
  const { key, kid } = ownKey(setup, alg)
  const header = spell(
    [
      ['alg', JSON.stringify(alg)],
      ['typ', JSON.stringify(setup.types[0] ?? 'JWT')],
      ...(kid === undefined ? [] : [['kid', JSON.stringify(kid)] as const]),
    ],
    recipe.header,
  )
  const bulk = recipe.bulk === 0 ? [] : [['bulk', `"${'x'.repeat(recipe.bulk)}"`] as const]
  const claims = spell([...goodClaims(setup), ...bulk], recipe.claims)
  const encoded = [spliced(header, recipe.headerText), spliced(claims, recipe.payloadText)].map((text) =>
    Buffer.from(text, 'latin1').toString('base64url'),
  )
  const signature = sign(Buffer.from(encoded.join('.')), alg, key, recipe)
  return spliced(reshape([...encoded, signature.toString('base64url')], recipe.shape), recipe.text)
}

function goodClaims(setup: Setup): readonly (readonly [string, string])[] {
  const claims: Readonly<Record<string, unknown>> = {
    iss: setup.issuers.at(-1) ?? issuer,
    aud: setup.audiences?.at(-1) ?? audience,
    sub: 'alice',
    iat: now,
    nbf: now,
    exp: now + 3600,
  }
  const more = setup.requiredClaims.filter((name) => name !== 'sub').map((name) => [name, '"x"'] as const)
  const use = setup.tokenUses.slice(-1).map((value) => ['token_use', JSON.stringify(value)] as const)
  return [...Object.entries(claims).map(([name, value]) => [name, JSON.stringify(value)] as const), ...more, ...use]
}

/** A key that the verifier was given for this algorithm, if there is one. */
function ownKey({ given }: Setup, alg: AlgorithmName): { readonly key: PoolKey; readonly kid: unknown } {
  const fits = ({ algorithms }: PoolKey): boolean => algorithms.includes(alg)
  const other = { key: publicKeys.find(fits) ?? publicKeys[0] ?? fail(), kid: undefined }
  switch (given.kind) {
    case 'secret':
      return { ...other, key: keyNamed(given.keys.at(-1) ?? '') }
    case 'publicKey':
      return { ...other, key: keyNamed(given.key) }
    case 'jwks': {
      const entry = given.entries.find(({ key, flaw }) => flaw === undefined && fits(keyNamed(key)))
      return entry === undefined ? other : { key: keyNamed(entry.key), kid: entry.labels.kid }
    }
  }
}

function sign(input: Buffer, alg: AlgorithmName, key: PoolKey, { signedBy }: Recipe): Buffer {
  const fits = ({ algorithms }: PoolKey): boolean => algorithms.includes(alg)
  switch (signedBy) {
    case 'one of the keys':
      return signatureOf(input, alg, key.signer)
    case 'a stranger':
      return signatureOf(input, alg, (strangers.find(fits) ?? fail()).signer)
    case 'an unfit key': {
      const unfit = unfitKeys.find(fits)
      return unfit === undefined ? Buffer.alloc(64) : signatureOf(input, alg, unfit.signer)
    }
    case 'the public key as secret': {
      const pem = key.verifier.type === 'public' ? key.verifier.export({ format: 'pem', type: 'spki' }) : 'secret'
      return signatureOf(input, 'HS256', createSecretKey(Buffer.from(pem)))
    }
    case 'nobody':
      return Buffer.alloc(0)
  }
}

function spliced(text: string, splices: readonly Splice[]): string {
  return splices.reduce(splice, text)
}

function fail(): never {
  throw new Error('There is no such key among those of the fuzz')
}
