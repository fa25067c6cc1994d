// Channels where there is no node:diagnostics_channel: none, so that nobody can subscribe.

/** `undefined` for every name. */
export function channel(_name: string): undefined {}
