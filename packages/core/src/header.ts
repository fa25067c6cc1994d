// The header of a token: what it says, and that against what the verifier is pinned to. Nothing in it chooses how the token is
// checked.
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

/** What a header says of the members that count. Holds for all tokens that have the same one, whoever issued them. */
export interface TokenHeader {
  /** As it was sent, frozen. */
  readonly members: JsonObject
  readonly alg: HeaderText
  readonly hasExtension: boolean
  /** Normalised. */
  readonly typ: HeaderText
  readonly kid: HeaderText
}

/** `undefined` if there is no such member; `null` for what is no string. */
type HeaderText = string | null | undefined

export interface AcceptedHeader {
  readonly algorithm: Algorithm
  readonly kid: string | undefined
}

const longestKid = 256

export const defaultTypes: TypeRules = {
  accepted: new Set(['application/jwt', 'application/at+jwt']),
  required: false,
}

/** Judges nothing yet. */
export function readHeader(members: JsonObject): TokenHeader {
  const typ = textOf(members, 'typ')
  return {
    members,
    alg: textOf(members, 'alg'),
    // We understand no extension, so every critical one is refused (RFC 7515 section 4.1.11), RFC 7797's `b64` too.
    hasExtension: Object.hasOwn(members, 'crit') || Object.hasOwn(members, 'b64'),
    typ: typeof typ === 'string' ? normaliseType(typ) : typ,
    kid: textOf(members, 'kid'),
  }
}

function textOf(members: JsonObject, name: string): HeaderText {
  if (!Object.hasOwn(members, name)) return undefined
  const value = members[name]
  return typeof value === 'string' ? value : null
}

/** @throws InvalidTokenError `algorithm_not_allowed`, `critical_header`, `type_not_allowed`, `token_malformed` */
export function checkHeader(header: TokenHeader, rules: HeaderRules): AcceptedHeader {
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

function pinnedAlgorithm({ alg }: TokenHeader, { algorithms }: HeaderRules): Algorithm {
  const algorithm = typeof alg === 'string' ? algorithms.get(alg) : undefined
  if (algorithm !== undefined) return algorithm
  const pinned = [...algorithms.keys()].join(', ')
  throw new InvalidTokenError(
    'algorithm_not_allowed',
    `The token's \`alg\` is not among the option \`algorithms\`: ${pinned}.`,
  )
}

function refuseExtensions({ hasExtension }: TokenHeader): void {
  if (!hasExtension) return
  throw new InvalidTokenError('critical_header', 'The header has `crit` or `b64`; no such extension is supported.')
}

/** RFC 8725 section 3.11: explicit typing keeps tokens of other kinds out. */
function checkType({ typ }: TokenHeader, { accepted, required }: TypeRules): void {
  if (typ === undefined) {
    if (!required) return
    throw new InvalidTokenError('type_not_allowed', 'The header has no `typ`, which the option `typ` demands.')
  }
  if (typ !== null && accepted.has(typ)) return
  const hint = required
    ? `is none of the option \`typ\`: ${[...accepted].join(', ')}.`
    : 'is not JWT or at+jwt. For another type set the option `typ`.'
  throw new InvalidTokenError('type_not_allowed', `The header's \`typ\` ${hint}`)
}

function keyId({ kid }: TokenHeader): string | undefined {
  if (kid === undefined || (kid !== null && kid.length <= longestKid)) return kid
  throw new InvalidTokenError(
    'token_malformed',
    `The header's \`kid\` is not a string of at most ${longestKid} characters.`,
  )
}
