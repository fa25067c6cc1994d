// The same tests run under Jest and vitest.
export { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
