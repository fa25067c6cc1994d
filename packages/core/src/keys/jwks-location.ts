// Where a key set is: at its own URL, or wherever the issuer's metadata says, which are asked again daily and after a failure.
import { discoverJwksUri, openIdMetadataUrl } from './discovery.ts'
import type { GetJson } from './fetch-json.ts'
import type { HttpAllowed } from './urls.ts'

/** A URL, or an issuer whose metadata names it. */
export type JwksAddress = { readonly jwksUri: string } | { readonly issuer: string }

const askAgainAfter = 86_400_000

export class JwksLocation {
  readonly #address: JwksAddress
  readonly #http: HttpAllowed
  #found: { readonly jwksUri: string; readonly at: number } | undefined

  constructor(address: JwksAddress, http: HttpAllowed) {
    this.#address = address
    this.#http = http
  }

  /** What is asked first. */
  get entrance(): string {
    return 'jwksUri' in this.#address ? this.#address.jwksUri : openIdMetadataUrl(this.#address.issuer)
  }

  /**
   * @param now - milliseconds of a clock that never goes back
   * @throws FetchError
   */
  async find(getJson: GetJson, now: number): Promise<string> {
    if ('jwksUri' in this.#address) return this.#address.jwksUri
    const known = this.#found
    if (known !== undefined && now - known.at <= askAgainAfter) return known.jwksUri
    // Asked once a day: if nobody answers, the next attempt goes on with what is known.
    this.#found = known && { ...known, at: now }
    this.#found = { jwksUri: await discoverJwksUri(this.#address.issuer, this.#http, getJson), at: now }
    return this.#found.jwksUri
  }

  /** The set may have moved. */
  forget(): void {
    this.#found = undefined
  }
}
