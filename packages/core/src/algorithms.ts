// The one table of signature algorithms: what each demands of its key and of its signature.

/** The signature algorithms that a verifier can be pinned to (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
export type AlgorithmName =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'

export type Hash = 'sha256' | 'sha384' | 'sha512'
/** Curve names as in a JWK's `crv` (RFC 7518 section 6.2.1.1). */
export type Curve = 'P-256' | 'P-384' | 'P-521'

interface AlgorithmBase {
  readonly name: AlgorithmName
}

export type Algorithm = AlgorithmBase &
  (
    | { readonly kind: 'hmac'; readonly hash: Hash; readonly minimumSecretBytes: number }
    | { readonly kind: 'rsa-pkcs1' | 'rsa-pss'; readonly hash: Hash }
    | { readonly kind: 'ecdsa'; readonly hash: Hash; readonly curve: Curve; readonly signatureBytes: number }
    | { readonly kind: 'eddsa'; readonly signatureBytes: number }
  )

/** RFC 7518 sections 3.3 and 3.5. */
export const minimumRsaBits = 2048
/** An exponent of 1 would make any text its own signature. */
export const minimumRsaExponent = 3n

const table: readonly Algorithm[] = [
  // The secret is at least as long as the hash (RFC 7518 section 3.2).
  { name: 'HS256', kind: 'hmac', hash: 'sha256', minimumSecretBytes: 32 },
  { name: 'HS384', kind: 'hmac', hash: 'sha384', minimumSecretBytes: 48 },
  { name: 'HS512', kind: 'hmac', hash: 'sha512', minimumSecretBytes: 64 },
  { name: 'RS256', kind: 'rsa-pkcs1', hash: 'sha256' },
  { name: 'RS384', kind: 'rsa-pkcs1', hash: 'sha384' },
  { name: 'RS512', kind: 'rsa-pkcs1', hash: 'sha512' },
  { name: 'PS256', kind: 'rsa-pss', hash: 'sha256' },
  { name: 'PS384', kind: 'rsa-pss', hash: 'sha384' },
  { name: 'PS512', kind: 'rsa-pss', hash: 'sha512' },
  // R and S side by side, each as long as the curve's order (RFC 7518 section 3.4).
  { name: 'ES256', kind: 'ecdsa', hash: 'sha256', curve: 'P-256', signatureBytes: 64 },
  { name: 'ES384', kind: 'ecdsa', hash: 'sha384', curve: 'P-384', signatureBytes: 96 },
  { name: 'ES512', kind: 'ecdsa', hash: 'sha512', curve: 'P-521', signatureBytes: 132 },
  // `EdDSA` could also mean Ed448, which we refuse; `Ed25519` is the name that says what it is (RFC 9864 section 2.2).
  { name: 'EdDSA', kind: 'eddsa', signatureBytes: 64 },
  { name: 'Ed25519', kind: 'eddsa', signatureBytes: 64 },
]

/** By name. A Map: a name out of a token never reaches an object's prototype. */
export const algorithms: ReadonlyMap<string, Algorithm> = new Map(table.map((algorithm) => [algorithm.name, algorithm]))

/** What an engine found out about a key, from the key itself and not from its label. */
export type KeyFacts =
  | { readonly type: 'secret'; readonly bytes: number }
  | { readonly type: 'rsa'; readonly bits: number; readonly exponent: bigint }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' }

const keyTypes: Readonly<Record<Algorithm['kind'], KeyFacts['type']>> = {
  hmac: 'secret',
  'rsa-pkcs1': 'rsa',
  'rsa-pss': 'rsa',
  ecdsa: 'ec',
  eddsa: 'ed25519',
}

export function keyTypeOf({ kind }: Algorithm): KeyFacts['type'] {
  return keyTypes[kind]
}

/** How long each signature of this algorithm is with this key: a shorter or longer one is no other spelling of it. */
export function signatureBytes(algorithm: Algorithm, key: KeyFacts): number | undefined {
  switch (algorithm.kind) {
    case 'hmac':
      return algorithm.minimumSecretBytes // The length of the hash, both of them.
    case 'rsa-pkcs1':
    case 'rsa-pss':
      // As long as the modulus (RFC 8017 sections 8.1.2 and 8.2.2).
      return key.type === 'rsa' ? Math.ceil(key.bits / 8) : undefined
    case 'ecdsa':
    case 'eddsa':
      return algorithm.signatureBytes
  }
}

/** Why a key may not verify this algorithm's signatures, in words for a developer; `undefined` if it may. */
export function whyUnfit(algorithm: Algorithm, key: KeyFacts): string | undefined {
  switch (algorithm.kind) {
    case 'hmac':
      if (key.type !== 'secret') return `${algorithm.name} needs a shared secret, not a public key`
      if (key.bytes >= algorithm.minimumSecretBytes) return undefined
      return `${algorithm.name} needs a secret of at least ${algorithm.minimumSecretBytes} bytes; this one has ${key.bytes}`
    case 'rsa-pkcs1':
    case 'rsa-pss':
      if (key.type !== 'rsa') return `${algorithm.name} needs an RSA key`
      if (key.bits < minimumRsaBits) return `an RSA key needs at least ${minimumRsaBits} bits; this one has ${key.bits}`
      return key.exponent < minimumRsaExponent ? 'the exponent of an RSA key must be at least 3' : undefined
    case 'ecdsa':
      return key.type === 'ec' && key.curve === algorithm.curve
        ? undefined
        : `${algorithm.name} needs a key on the curve ${algorithm.curve}`
    case 'eddsa':
      return key.type === 'ed25519' ? undefined : `${algorithm.name} needs an Ed25519 key`
  }
}
