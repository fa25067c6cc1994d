// Every implementation that tokens are taken from.
import type { Minter } from '../minter.ts'
import { fastJwt } from './fast-jwt.ts'
import { jose } from './jose.ts'
import { jsonWebToken } from './jsonwebtoken.ts'
import { webCrypto } from './webcrypto.ts'

export const minters: readonly Minter[] = [jsonWebToken, fastJwt, jose, webCrypto]
