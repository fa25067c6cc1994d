// While keys cannot be had: 503 for who sends a token, in whatever state, and nothing new for who sends none.
import { anonymous, authorization, guarded, type Case } from '../case.ts'
import { confused, issuer, silent } from '../issuers.ts'

const fields = [authorization(silent.sign())]

export const outages: readonly Case[] = [
  ...(['required, provider down', 'optional, provider down'] as const).flatMap((setup): Case[] => [
    { title: 'a good token', setup, fields, expected: { code: 'discovery_failed' } },
    { title: 'the same again', setup, fields, expected: { code: 'discovery_failed' } },
    {
      title: 'a good token at a guard',
      setup,
      target: guarded('permission'),
      fields,
      expected: { code: 'discovery_failed' },
    },
    {
      title: 'a token whose signature nobody can check',
      setup,
      fields: [authorization(silent.bad.tampered())],
      expected: { code: 'discovery_failed' },
    },
    {
      title: 'a token of another issuer',
      setup,
      fields: [authorization(issuer.sign())],
      expected: { code: 'issuer_mismatch' },
    },
    { title: 'no JWT', setup, fields: [authorization('Canary7f3a')], expected: { code: 'token_malformed' } },
    {
      title: 'malformed credentials',
      setup,
      fields: ['Authorization: Bearer'],
      expected: { code: 'request_malformed' },
    },
    { title: 'two sets of credentials', setup, fields: [...fields, ...fields], expected: { code: 'multiple_tokens' } },
    { title: 'what is public', setup, target: '/public', fields, expected: { status: 200, json: { public: true } } },
    { title: 'HEAD with a good token', setup, method: 'HEAD', fields, expected: { code: 'discovery_failed' } },
  ]),
  { title: 'no token', setup: 'required, provider down', expected: { code: 'token_missing' } },
  { title: 'no token where that is allowed', setup: 'optional, provider down', expected: anonymous },
  {
    title: 'an anonymous request at a guard',
    setup: 'optional, provider down',
    target: guarded('permission'),
    expected: { code: 'token_missing' },
  },
  {
    title: 'a key set that does not answer',
    setup: 'required, no keys',
    fields,
    expected: { code: 'keys_unavailable' },
  },
  ...(['required, unusable keys', 'optional, unusable keys'] as const).map((setup): Case => {
    return {
      title: 'a key set that is none',
      setup,
      fields: [authorization(confused.sign())],
      expected: { code: 'keys_invalid' },
    }
  }),
]
