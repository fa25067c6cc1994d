// What is said where no key is found, in options and for tokens: whole, for developers write what it tells them.
import { createSecretKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { createJwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint } from '../../../test/support/mint.ts'
import { refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const key = keyFor('ES256')
const pem = String(key.verifier.export({ format: 'pem', type: 'spki' }))
const rsa = keyFor('RS256')
const rsaPem = String(rsa.verifier.export({ format: 'pem', type: 'spki' }))
const long = 'x'.repeat(64)
const hs256 = { algorithms: ['HS256'] }
const makeOne = `Make one with: node -p "crypto.randomBytes(64).toString('base64url')"`
const giveKey = 'Give a public key as PEM, JWK or KeyObject.'
const giveSet = 'Give the whole document of the issuer: { keys: [...] }.'
const asSecret =
  'whoever knows the public key could sign tokens with it. A shared secret is random bytes; ' +
  'give a public key as publicKey (or jwks), with an algorithm such as RS256.'
const exampleUri = "For instance 'https://id.example.com/keys'."
const elsewhere = 'Correct it, or say where the keys are with jwksUri, jwks or publicKey.'

it.each<[object, string, string]>([
  [
    { publicKey: pem, jwksUri: 'https://id.example.com/jwks' },
    'jwksUri',
    'Only one of publicKey and jwksUri can say where the keys are: take the others out.',
  ],
  [{ secret: undefined, ...hs256 }, 'secret', 'secret is undefined: is a setting missing?'],
  [
    { publicKey: undefined },
    'publicKey',
    'publicKey is undefined: is a setting missing? To find the keys by discovery, leave it out.',
  ],
  [
    { jwks: { keys: [] }, remote: {}, publicKey: undefined },
    'publicKey',
    'publicKey is undefined: is a setting missing? To find the keys by discovery, leave it out.',
  ],
  [
    { publicKey: pem, remote: {} },
    'remote',
    'remote has no meaning together with publicKey: nothing is fetched. Take it out.',
  ],
  [
    hs256,
    'secret',
    'secret is required for HS256, HS384 and HS512; for public keys choose an algorithm such as RS256.',
  ],
  [
    { secret: long },
    'secret',
    'secret is only for HS256, HS384 and HS512; for these algorithms give publicKey, jwks or jwksUri.',
  ],
  [{ jwksUri: 7 }, 'jwksUri', `jwksUri is refused: it is not a string. ${exampleUri}`],
  [{ jwksUri: 'keys' }, 'jwksUri', `jwksUri is refused: it is not a URL. ${exampleUri}`],
  [
    { jwksUri: 'https://user@id.example.com/keys' },
    'jwksUri',
    `jwksUri is refused: it carries credentials, which belong into \`remote.headers\`. ${exampleUri}`,
  ],
  [{ jwksUri: 'ftp://id.example.com/keys' }, 'jwksUri', `jwksUri is refused: it is not an https URL. ${exampleUri}`],
  [
    { jwksUri: 'http://id.example.com/keys' },
    'jwksUri',
    `jwksUri is refused: whoever is on the way of a plain http answer could replace the keys: use https. ${exampleUri}`,
  ],
  [{ issuer: 'id' }, 'issuer', `issuer cannot be asked for its keys: it is not a URL. ${elsewhere}`],
  [
    { issuer: [issuer, 'https://other.example.com'] },
    'jwksUri',
    'jwksUri (or jwks, publicKey) is required where issuer is a list: which one would be asked for the keys?',
  ],
  [
    { issuer: 'https://id.example.com/?tenant=1' },
    'issuer',
    `issuer cannot be asked for its keys: it has a query or a fragment. ${elsewhere}`,
  ],
  [
    { issuer: 'https://id.example.com/#a' },
    'issuer',
    `issuer cannot be asked for its keys: it has a query or a fragment. ${elsewhere}`,
  ],
  [
    { remote: { headers: { 'a b': 'c' } } },
    'remote.headers',
    'remote.headers must be an object of header names and values that HTTP allows.',
  ],
  ...(
    [
      ['timeoutDuration', 'milliseconds from 100 to 60000, for instance 5000'],
      ['cacheMaxAge', 'milliseconds from 30000 to 86400000, for instance 600000'],
      ['maxStale', 'milliseconds from 0 to 2592000000, for instance 86400000'],
      ['maxResponseBytes', 'bytes from 1024 to 16777216, for instance 1048576'],
    ] as const
  ).map(([name, range]): [object, string, string] => [
    { remote: { [name]: -1 } },
    `remote.${name}`,
    `remote.${name} must be a number of ${range}.`,
  ]),
  [{ ...hs256, secret: [] }, 'secret', 'secret is an empty list: give at least one secret.'],
  [
    { ...hs256, secret: [1, 2, 3, 4, 5].map((digit) => `${digit}${long}`) },
    'secret',
    'secret is a list of more than 4: a token would be checked against each.',
  ],
  [
    { ...hs256, secret: `${long}\ud800` },
    'secret',
    'secret is no well-formed text, which UTF-8 cannot hold: give it as bytes.',
  ],
  [
    { ...hs256, secret: 7 },
    'secret',
    'secret must be a string (taken as UTF-8), bytes, a secret KeyObject, or a list of these.',
  ],
  [
    { ...hs256, secret: [long, null] },
    'secret',
    'secret must be a string (taken as UTF-8), bytes, a secret KeyObject, or a list of these.',
  ],
  [{ ...hs256, secret: jwkOf(key) }, 'secret', `secret is a JWK: ${asSecret}`],
  [{ ...hs256, secret: pem }, 'secret', `secret is a PEM: ${asSecret}`],
  [
    { ...hs256, secret: key.verifier.export({ format: 'der', type: 'spki' }).toString('latin1') },
    'secret',
    `secret is a key in DER: ${asSecret}`,
  ],
  [
    { ...hs256, secret: `${Buffer.from(JSON.stringify(jwkOf(key))).toString('hex')}, in hexadecimal` },
    'secret',
    `secret is a JWK: ${asSecret}`,
  ],
  [{ ...hs256, secret: key.verifier }, 'secret', `secret is a public key: ${asSecret}`],
  [{ ...hs256, secret: createSecretKey(Buffer.from(pem)) }, 'secret', `secret is a PEM: ${asSecret}`],
  [
    { ...hs256, secret: 'short' },
    'secret',
    `secret is refused: HS256 needs a secret of at least 32 bytes; this one has 5. ${makeOne}`,
  ],
  [
    { algorithms: ['HS256', 'HS512'], secret: 'x'.repeat(40) },
    'secret',
    `secret is refused: HS512 needs a secret of at least 64 bytes; this one has 40. ${makeOne}`,
  ],
  [
    { publicKey: Buffer.from(pem) },
    'publicKey',
    `publicKey is refused: it is bytes: read the PEM as text, readFileSync(file, 'utf8'). ${giveKey}`,
  ],
  [{ publicKey: pem + rsaPem }, 'publicKey', `publicKey is refused: it holds more than one PEM. ${giveKey}`],
  [{ publicKey: 'no key' }, 'publicKey', `publicKey is refused: it does not parse as a public key. ${giveKey}`],
  [{ publicKey: rsaPem }, 'publicKey', `publicKey is refused: ES256 needs a key on the curve P-256. ${giveKey}`],
  [
    { publicKey: pem, algorithms: ['ES256', 'RS256'] },
    'publicKey',
    `publicKey is refused: RS256 needs an RSA key. ${giveKey}`,
  ],
  [
    { publicKey: { ...jwkOf(rsa), alg: 'RS256' }, algorithms: ['RS256', 'PS256'] },
    'publicKey',
    `publicKey is refused: its \`alg\` is not PS256. ${giveKey}`,
  ],
  [
    { jwks: [jwkOf(key)] },
    'jwks',
    `jwks is refused: it is no JWK Set, which is an object with an array \`keys\` (RFC 7517 section 5). ${giveSet}`,
  ],
  [{ jwks: { keys: [] } }, 'jwks', `jwks is refused: none of its 0 keys is usable. ${giveSet}`],
  [
    { jwks: { keys: [jwkOf(rsa), 'x', 'x', 'x'] } },
    'jwks',
    `jwks is refused: none of its 4 keys is usable; keys[0]: ES256 needs a key on the curve P-256; ` +
      `keys[1]: it is not an object; keys[2]: it is not an object. ${giveSet}`,
  ],
])('options that have %j', (options, option, message) => {
  const all = { issuer, audience, algorithms: ['ES256'], ...options } as unknown as JwtVerifierOptions
  const error = configErrorOf(() => createJwtVerifier(all))
  expect([error.option, error.message]).toEqual([option, message])
})

it.each<[string, readonly object[], Readonly<Record<string, unknown>>, string]>([
  [
    'names a key that a set does not have',
    [jwkOf(key, { kid: 'k1' })],
    { kid: 'k2' },
    "No key of `jwks` has the token's `kid` and fits ES256. Is the token from another environment?",
  ],
  [
    'names no key, and a set has several',
    [jwkOf(key, { kid: 'k1' }), jwkOf(newKey('ES256'), { kid: 'k2' })],
    {},
    'The token has no `kid`, and not exactly one key of `jwks` fits ES256: have the issuer send a `kid`.',
  ],
])('a token that %s', async (_what, keys, header, hint) => {
  const verifier = testVerifier({ jwks: { keys } })
  const refusal = await refusalOf(verifier.verify(mint({}, { key, header })))
  expect([refusal.code, refusal.hint]).toEqual(['key_unknown', hint])
})
