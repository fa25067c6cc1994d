// Every implementation that tokens are taken from.
import type { Minter } from '../minter.ts'
import { cryptJwt } from './crypt-jwt.ts'
import { fastJwt } from './fast-jwt.ts'
import { golangJwt } from './golang-jwt.ts'
import { joseTool } from './jose-tool.ts'
import { jose } from './jose.ts'
import { jsonWebToken } from './jsonwebtoken.ts'
import { jwcrypto } from './jwcrypto.ts'
import { pyJwt } from './pyjwt.ts'
import { rubyJwt } from './ruby-jwt.ts'
import { webCrypto } from './webcrypto.ts'

export const minters: readonly Minter[] = [
  joseTool,
  jwcrypto,
  pyJwt,
  rubyJwt,
  golangJwt,
  cryptJwt,
  jsonWebToken,
  fastJwt,
  jose,
  webCrypto,
]
