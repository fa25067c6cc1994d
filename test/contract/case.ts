// A case of the contract: a request, and what has to come of it on every framework.
import type { JwtGateErrorCode } from '@jwtgate/core'
import type { GuardName } from './application.ts'
import { issuer } from './issuers.ts'
import type { SetupName } from './setups.ts'

export interface Case {
  /** What is done, so that the name of a test reads: what is done -> what comes of it. */
  readonly title: string
  readonly setup: SetupName
  /** Default `GET`. */
  readonly method?: string
  /** Default `/me`. */
  readonly target?: string
  /** Header lines, sent as they are. */
  readonly fields?: readonly string[]
  readonly body?: string
  readonly expected: Expected
}

export type Expected = LetThrough | Refused | Other

/** Let through to `/me`. */
export interface LetThrough {
  /** What the application knows of the sender; `null` for an anonymous request. */
  readonly auth: {
    /** Laid over those that every token of the contract has. */
    readonly claims?: Claims
    readonly permissions?: readonly string[]
    readonly scopes?: readonly string[]
    readonly roles?: readonly string[]
  } | null
}

/** Refused by us. */
export interface Refused {
  readonly code: JwtGateErrorCode
  readonly realm?: string
  /** What the challenge says is needed. */
  readonly scope?: string | undefined
}

/** Answered by the application, by its framework or by Node itself. */
export interface Other {
  readonly status: number
  /** Compared where it is given. */
  readonly json?: unknown
  /** A header line that has to be there. */
  readonly line?: string
}

type Claims = Readonly<Record<string, unknown>>

export const alice: LetThrough = { auth: {} }
export const anonymous: LetThrough = { auth: null }

export const authorization = (token: string): string => `Authorization: Bearer ${token}`

/** A good token. */
export const good = issuer.sign()

export const grants = { permissions: ['read', 'write'], scope: 'openid orders', roles: ['editor'] }

/** A good token with {@link grants}. */
export const granted = issuer.sign(grants)

/** Whether a guard stands before its route. */
export const isAtGuard = ({ target = '' }: Case): boolean => /^\/(guarded|mounted)\//.test(target)

export const guarded = (name: GuardName, id = 'alice'): string => `/guarded/${name}/${id}`
