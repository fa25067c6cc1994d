// How a run of the contract and of the fault suite has the token cache: vitest.config.ts says it, by project. Read here only.
import type { SharedOptions } from '@jwtgate/core'

const mode = process.env.TEST_TOKEN_CACHE

/** For the options of each verifier under test. */
export const tokenCacheOption: Pick<SharedOptions, 'tokenCache'> = mode === 'off' ? { tokenCache: false } : {}

/** Whether requests bring the same tokens again and again, so that most of them are remembered. */
export const repeatsTokens = mode === 'hits'
