// The header of a token against what the verifier is pinned to. Nothing in it chooses how the token is checked.
import type { Algorithm } from './algorithms.ts'
import { InvalidTokenError } from './errors.ts'
import type { JsonObject } from './strict-json.ts'

export interface HeaderRules {
  /** Pinned algorithms by name. */
  readonly algorithms: ReadonlyMap<string, Algorithm>
  readonly types: TypeRules
}

export interface TypeRules {
  /** Accepted media types, normalised. */
  readonly accepted: ReadonlySet<string>
  /** Whether a token without `typ` is refused: where the option says which types are accepted. */
  readonly required: boolean
}

export interface AcceptedHeader {
  readonly algorithm: Algorithm
  readonly kid: string | undefined
}

const longestKid = 256

export const defaultTypes: TypeRules = {
  accepted: new Set(['application/jwt', 'application/at+jwt']),
  required: false,
}

/** @throws InvalidTokenError `algorithm_not_allowed`, `critical_header`, `type_not_allowed`, `token_malformed` */
export function checkHeader(header: JsonObject, rules: HeaderRules): AcceptedHeader {
  const algorithm = pinnedAlgorithm(header, rules)
  refuseExtensions(header)
  checkType(header, rules.types)
  return { algorithm, kid: keyId(header) }
}

/** What any of several issuers accepts: before it is known which of them a token claims to come from. */
export function anyOfRules(rules: readonly HeaderRules[]): HeaderRules {
  return {
    algorithms: new Map(rules.flatMap(({ algorithms }) => [...algorithms])),
    types: {
      accepted: new Set(rules.flatMap(({ types }) => [...types.accepted])),
      required: rules.every(({ types }) => types.required),
    },
  }
}

/** Compares media types as RFC 7515 section 4.1.9 says: in ASCII lower case, `application/` may be left out. */
export function normaliseType(type: string): string {
  const lower = type.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return lower.includes('/') ? lower : `application/${lower}`
}

function pinnedAlgorithm(header: JsonObject, { algorithms }: HeaderRules): Algorithm {
  const name = Object.hasOwn(header, 'alg') ? header.alg : undefined
  const algorithm = typeof name === 'string' ? algorithms.get(name) : undefined
  if (algorithm !== undefined) return algorithm
  const pinned = [...algorithms.keys()].join(', ')
  throw new InvalidTokenError(
    'algorithm_not_allowed',
    `The token's \`alg\` is not among the option \`algorithms\`: ${pinned}.`,
  )
}

/** We understand no extension, so every critical one is refused (RFC 7515 section 4.1.11), RFC 7797's `b64` too. */
function refuseExtensions(header: JsonObject): void {
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw new InvalidTokenError('critical_header', 'The header has `crit` or `b64`; no such extension is supported.')
  }
}

/** RFC 8725 section 3.11: explicit typing keeps tokens of other kinds out. */
function checkType(header: JsonObject, { accepted, required }: TypeRules): void {
  if (!Object.hasOwn(header, 'typ')) {
    if (!required) return
    throw new InvalidTokenError('type_not_allowed', 'The header has no `typ`, which the option `typ` demands.')
  }
  const type = header.typ
  if (typeof type === 'string' && accepted.has(normaliseType(type))) return
  const hint = required
    ? `is none of the option \`typ\`: ${[...accepted].join(', ')}.`
    : 'is not JWT or at+jwt. For another type set the option `typ`.'
  throw new InvalidTokenError('type_not_allowed', `The header's \`typ\` ${hint}`)
}

function keyId(header: JsonObject): string | undefined {
  if (!Object.hasOwn(header, 'kid')) return undefined
  const kid = header.kid
  if (typeof kid === 'string' && kid.length <= longestKid) return kid
  throw new InvalidTokenError(
    'token_malformed',
    `The header's \`kid\` is not a string of at most ${longestKid} characters.`,
  )
}
