// Which URLs keys may be fetched from: https, or http on this machine.

/** Where plain http is accepted: nowhere, on this machine only, or (dangerous) everywhere. */
export type HttpAllowed = 'never' | 'loopback' | 'always'

/** Why keys may not be fetched from this URL, in words; `undefined` if they may. */
export function whyUnsafeUrl(text: string, http: HttpAllowed): string | undefined {
  const url = parseUrl(text)
  if (url === undefined) return 'it is not a URL'
  if (url.username !== '' || url.password !== '') return 'it carries credentials, which belong into `remote.headers`'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return 'it is not an https URL'
  if (http === 'always' || (http === 'loopback' && isLoopback(url))) return undefined
  return 'whoever is on the way of a plain http answer could replace the keys: use https'
}

/** For hints and events: without query string, which may hold a key of an API. */
export function urlForLog(text: string): string {
  const url = parseUrl(text)
  return url === undefined ? 'an invalid URL' : `${url.origin}${url.pathname}`
}

function isLoopback({ hostname }: URL): boolean {
  return /(?:^|\.)localhost$/.test(hostname) || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
