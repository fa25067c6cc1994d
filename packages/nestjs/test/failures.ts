// How an application that must not start fails.
import type { ModuleMetadata } from '@nestjs/common'
import { expect } from 'vitest'
import { start } from './application.ts'

export interface Failure {
  readonly name: string
  readonly message: string
}

/** How the start ends. @throws Error if it does not fail */
export async function failureOf(metadata: ModuleMetadata): Promise<Failure> {
  try {
    await start(metadata)
  } catch (error) {
    return error as Failure
  }
  throw new Error('it started')
}

/** A ConfigError whose text has all of these parts. */
export function saying(...parts: readonly string[]): object {
  const each = parts.map((part) => `(?=[^]*${part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')})`)
  return { name: 'ConfigError', message: expect.stringMatching(new RegExp(`^${each.join('')}`)) as string }
}
