// The curves of NIST (FIPS 186-5, SP 800-186 section 3.2.1): is a point on its curve? WebCrypto says so only when asked to import.

interface EllipticCurve {
  /** Of the field that the coordinates are in. */
  readonly prime: bigint
  /** In y^2 = x^3 - 3x + b. */
  readonly b: bigint
  /** Bytes of a coordinate. */
  readonly width: number
}

export const ellipticCurves: ReadonlyMap<string, EllipticCurve> = new Map([
  [
    'P-256',
    {
      prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn,
      width: 32,
    },
  ],
  [
    'P-384',
    {
      prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7_e23ee7e4_988e056b_e3f82d19_181d9c6e_fe814112_0314088f_5013875a_c656398d_8a2ed19d_2a85c8ed_d3ec2aefn,
      width: 48,
    },
  ],
  [
    'P-521',
    {
      prime: 2n ** 521n - 1n,
      b: 0x0051_953eb961_8e1c9a1f_929a21a0_b68540ee_a2da725b_99b315f3_b8b48991_8ef109e1_56193951_ec7e937b_1652c0bd_3bb1bf07_3573df88_3d2c34f1_ef451fd4_6b503f00n,
      width: 66,
    },
  ],
])

export function isOnCurve({ prime, b }: EllipticCurve, x: bigint, y: bigint): boolean {
  return x < prime && y < prime && (y * y - ((x * x - 3n) * x + b)) % prime === 0n
}

/**
 * The y of a compressed point (SEC 1 section 2.3.4), if x is that of any: `isOnCurve` has to be asked. All of these primes
 * are 3 modulo 4.
 */
export function recoverY({ prime, b }: EllipticCurve, x: bigint, isOdd: boolean): bigint {
  const root = power((x * x - 3n) * x + b, (prime + 1n) / 4n, prime)
  return (root % 2n === 1n) === isOdd ? root : prime - root
}

function power(base: bigint, exponent: bigint, prime: bigint): bigint {
  let result = 1n
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}
