// What each code looks like on the wire, written out once more: a change of core's texts is a change of the contract.
import type { JwtGateErrorCode } from '@jwtgate/core'

interface Wire {
  readonly status: 400 | 401 | 403 | 500 | 503
  /** `error` of the challenge (RFC 6750 section 3.1). */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  /** `error_description` of the challenge, and `detail` of the problem. */
  readonly text?: string
}

export const titles: Readonly<Record<Wire['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export const wire: Readonly<Record<JwtGateErrorCode, Wire>> = {
  token_missing: { status: 401, text: 'An access token is required' },

  request_malformed: invalidRequest('The credentials of the request are malformed'),
  multiple_tokens: invalidRequest('More than one set of credentials was sent'),

  token_malformed: invalidToken('The access token is malformed'),
  algorithm_not_allowed: invalidToken('The access token is signed with an algorithm that is not accepted'),
  type_not_allowed: invalidToken('The token is not of an accepted type'),
  critical_header: invalidToken('The access token demands a header extension that is not supported'),
  key_unknown: invalidToken('The access token is signed with an unknown key'),
  signature_invalid: invalidToken('The signature of the access token is invalid'),
  issuer_mismatch: invalidToken('The access token comes from another issuer'),
  audience_mismatch: invalidToken('The access token is meant for another audience'),
  token_expired: invalidToken('The access token expired'),
  token_not_yet_valid: invalidToken('The access token is not valid yet'),
  token_too_old: invalidToken('The access token was issued too long ago'),
  claim_missing: invalidToken('The access token lacks a required claim'),
  claim_invalid: invalidToken('A claim of the access token is invalid'),
  token_bound: invalidToken('The access token is bound to its sender and is no plain bearer token'),
  claims_rejected: invalidToken('The claims of the access token were rejected'),
  token_revoked: invalidToken('The access token was revoked'),

  permission_denied: {
    status: 403,
    error: 'insufficient_scope',
    text: 'The access token does not grant what this request needs',
  },

  keys_unavailable: { status: 503 },
  keys_invalid: { status: 503 },
  discovery_failed: { status: 503 },
  revocation_unavailable: { status: 503 },

  authentication_not_run: { status: 500 },
}

function invalidRequest(text: string): Wire {
  return { status: 400, error: 'invalid_request', text }
}

function invalidToken(text: string): Wire {
  return { status: 401, error: 'invalid_token', text }
}
