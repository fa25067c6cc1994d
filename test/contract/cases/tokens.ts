// What becomes of tokens: good ones, all bad ones that @jwtgate/testing knows, and those that try to reach the answer.
import { badTokens } from '@jwtgate/testing'
import { alice, anonymous, authorization, good, grants, granted, guarded, type Case, type LetThrough } from '../case.ts'
import { issuer, silent } from '../issuers.ts'
import { failingChecks } from '../setups.ts'

/** Found again in an answer, it has leaked. The line ends would be new header fields. */
const canary = 'Canary7f3a"\r\nX-Canary: Canary7f3a\r\n\r\n<script>'

const claims = { email: canary, nested: { 'Canary-name': [canary] } }

const sender: LetThrough = {
  auth: { claims: grants, permissions: ['read', 'write'], scopes: ['openid', 'orders'], roles: ['editor'] },
}

/** Good tokens on both sides of the longest that is read. */
const [longest, tooLong] = aroundTheLimit(16_384)

function aroundTheLimit(limit: number): readonly [string, string] {
  const padded = (length: number): string => issuer.sign({ ...grants, padding: 'x'.repeat(length) })
  let length = Math.floor(((limit - padded(0).length) * 3) / 4)
  while (padded(length).length > limit) length--
  return [padded(length), padded(length + 3)]
}

export const tokens: readonly Case[] = [
  { title: 'a good token', setup: 'required', fields: [authorization(good)], expected: alice },
  { title: 'a good token with grants', setup: 'required', fields: [authorization(granted)], expected: sender },
  {
    title: 'a good token of another sender',
    setup: 'required',
    fields: [authorization(issuer.sign({ sub: 'bob', tenant: { id: '\u00fc' } }))],
    expected: { auth: { claims: { sub: 'bob', tenant: { id: '\u00fc' } } } },
  },
  {
    title: 'a good token of a sender without a name',
    setup: 'required',
    fields: [authorization(issuer.sign({ sub: undefined }))],
    expected: { auth: { claims: { sub: undefined } } },
  },
  {
    title: 'a good token, as /claims sees it',
    setup: 'required',
    target: '/claims',
    fields: [authorization(good)],
    expected: {
      status: 200,
      json: JSON.parse(Buffer.from(good.split('.')[1] ?? '', 'base64url').toString()) as unknown,
    },
  },
  { title: 'no token where that is allowed', setup: 'optional', expected: anonymous },
  {
    title: 'a good token as long as one may be',
    setup: 'required',
    target: guarded('permission'),
    fields: [authorization(longest)],
    expected: { status: 200, json: { id: 'alice' } },
  },
  {
    title: 'a good token that is a little longer',
    setup: 'required',
    target: guarded('permission'),
    fields: [authorization(tooLong)],
    expected: { code: 'token_malformed' },
  },
  ...(
    ['required, silent verifier', 'optional, silent verifier', 'required, verifier that throws nothing'] as const
  ).map((setup): Case => {
    return { title: 'a good token', setup, fields: [authorization(good)], expected: { status: 500 } }
  }),
  { title: 'a good token where none is needed', setup: 'optional', fields: [authorization(granted)], expected: sender },

  ...(['required', 'optional'] as const).flatMap((setup) =>
    badTokens.map(({ name, code, mint }): Case => {
      return { title: `a bad token: ${name}`, setup, fields: [authorization(mint(issuer, claims))], expected: { code } }
    }),
  ),

  ...(['kid', 'typ', 'alg'] as const).map((member): Case => {
    const code = { kid: 'key_unknown', typ: 'type_not_allowed', alg: 'algorithm_not_allowed' } as const
    const token = issuer.sign({}, { header: { [member]: canary } })
    return {
      title: `line ends in ${member}`,
      setup: 'required',
      fields: [authorization(token)],
      expected: { code: code[member] },
    }
  }),
  ...(['iss', 'aud'] as const).map((claim): Case => {
    const code = { iss: 'issuer_mismatch', aud: 'audience_mismatch' } as const
    const token = issuer.sign({ [claim]: canary })
    return {
      title: `line ends in ${claim}`,
      setup: 'required',
      fields: [authorization(token)],
      expected: { code: code[claim] },
    }
  }),
  {
    title: 'line ends in the target',
    setup: 'required',
    target: '/me?%0d%0aX-Canary:%20Canary7f3a%0d%0a%0d%0a<script>Canary7f3a</script>',
    expected: { code: 'token_missing' },
  },

  {
    title: 'no token in a realm of its own',
    setup: 'required, realm orders',
    expected: { code: 'token_missing', realm: 'orders' },
  },
  {
    title: 'a bad token in a realm of its own',
    setup: 'required, realm orders',
    fields: [authorization(issuer.bad.expired())],
    expected: { code: 'token_expired', realm: 'orders' },
  },
  {
    title: 'malformed credentials in a realm of its own',
    setup: 'optional, realm orders',
    fields: ['Authorization: Bearer'],
    expected: { code: 'request_malformed', realm: 'orders' },
  },

  ...issuers(),
  ...revocation('required, revocation'),
  ...revocation('optional, revocation'),
  ...schemas(),
]

function issuers(): readonly Case[] {
  const setup = 'required, several issuers'
  const forA = { aud: 'api-a' }
  return [
    {
      title: 'a token for the audience of its issuer',
      setup,
      fields: [authorization(issuer.sign(forA))],
      expected: { auth: { claims: forA } },
    },
    {
      title: 'a token for the audience of the other issuer',
      setup,
      fields: [authorization(issuer.sign({ aud: 'api-b' }))],
      expected: { code: 'audience_mismatch' },
    },
    {
      title: 'a token of a stranger',
      setup,
      fields: [authorization(issuer.bad.wrongIssuer(forA))],
      expected: { code: 'issuer_mismatch' },
    },
    {
      title: 'a token of nobody',
      setup,
      fields: [authorization(issuer.bad.withoutClaim('iss', forA))],
      expected: { code: 'claim_missing' },
    },
    {
      title: 'a token of the issuer that is down',
      setup,
      fields: [authorization(silent.sign({ aud: 'api-b' }))],
      expected: { code: 'discovery_failed' },
    },
  ]
}

function revocation(setup: 'required, revocation' | 'optional, revocation'): readonly Case[] {
  const failing = failingChecks.map((jti): Case => {
    const fields = [authorization(issuer.sign({ jti }))]
    return {
      title: `a token at whose check the hook ${jti}`,
      setup,
      fields,
      expected: { code: 'revocation_unavailable' },
    }
  })
  return [
    ...failing,
    {
      title: 'a token that was not revoked',
      setup,
      fields: [authorization(issuer.sign({ jti: 'fine' }))],
      expected: { auth: { claims: { jti: 'fine' } } },
    },
    {
      title: 'a revoked token',
      setup,
      fields: [authorization(issuer.sign({ jti: 'revoked' }))],
      expected: { code: 'token_revoked' },
    },
    {
      title: 'a token that is expired, and at whose check the hook would throw',
      setup,
      fields: [authorization(issuer.bad.expired({ jti: 'throws' }))],
      expected: { code: 'token_expired' },
    },
  ]
}

function schemas(): readonly Case[] {
  const setup = 'required, schema'
  return [
    {
      title: 'claims that a schema makes',
      setup,
      fields: [authorization(issuer.sign({ tenant: 'acme' }))],
      expected: { auth: { claims: { tenant: 'ACME' } } },
    },
    {
      title: 'claims that a schema rejects',
      setup,
      fields: [authorization(issuer.sign({ tenant: { Canary7f3a: canary } }))],
      expected: { code: 'claims_rejected' },
    },
    {
      title: 'a schema that makes no object',
      setup: 'required, broken schema',
      fields: [authorization(good)],
      expected: { status: 500 },
    },
  ]
}
