// What a wrong option comes to: the ConfigError that is thrown where something is made.
import { ConfigError } from '@jwtgate/core'

/** Fails if nothing is thrown, or anything but a ConfigError. */
export function configErrorOf(make: () => unknown): ConfigError {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('accepted, but should have been refused')
}
