// The same tests run under Jest and vitest.
export { afterAll, beforeAll, describe, expect, it } from 'vitest'
