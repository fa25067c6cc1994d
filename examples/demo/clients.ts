// Who may ask the provider for tokens, for which APIs, and what their tokens are like.

export type ClientId = 'reader' | 'reader-ec' | 'editor' | 'brief'

export interface Client {
  /** The algorithm that its access tokens are signed with. */
  readonly alg: 'RS256' | 'ES256'
  /** How long its access tokens live, in seconds. */
  readonly lifetime: number
  /** What its access tokens carry in the claim `permissions`. */
  readonly permissions: readonly string[]
}

export const clients: Readonly<Record<ClientId, Client>> = {
  reader: { alg: 'RS256', lifetime: 3600, permissions: ['orders:read'] },
  'reader-ec': { alg: 'ES256', lifetime: 3600, permissions: ['orders:read'] },
  editor: { alg: 'RS256', lifetime: 3600, permissions: ['orders:read', 'orders:delete', 'customers:read'] },
  brief: { alg: 'RS256', lifetime: 1, permissions: ['orders:read'] },
}

/** The API of the demo. */
export const ordersAudience = 'https://api.example.com/orders'
/** Another API of the same provider: its tokens are good, but not here. */
export const billingAudience = 'https://api.example.com/billing'
