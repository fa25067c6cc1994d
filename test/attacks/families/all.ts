// All families.
import type { Family } from '../attack.ts'
import { algorithmNames } from './algorithm-names.ts'
import { ecdsa } from './ecdsa.ts'
import { eddsa } from './eddsa.ts'
import { hmacConfusion } from './hmac-confusion.ts'
import { rsa } from './rsa.ts'
import { unsigned } from './unsigned.ts'

export const families: readonly Family[] = [unsigned, hmacConfusion, algorithmNames, ecdsa, rsa, eddsa]
