// Which URLs keys may be fetched from, and how a URL is shown.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { urlForLog, whyUnsafeUrl, type HttpAllowed } from '../src/keys/urls.ts'

const loopback = [
  'http://localhost/jwks',
  'http://LOCALHOST:8080/jwks',
  'http://api.localhost/jwks', // RFC 6761 section 6.3.
  'http://127.0.0.1/jwks',
  'http://127.0.0.1:3000/jwks',
  'http://127.255.255.254/jwks',
  'http://[::1]/jwks',
  'http://[0:0:0:0:0:0:0:1]:3000/jwks',
]

const outside = [
  'http://id.example.com/jwks',
  'http://localhost.example.com/jwks',
  'http://notlocalhost/jwks',
  'http://127.0.0.1.example.com/jwks',
  'http://128.0.0.1/jwks',
  'http://10.0.0.1/jwks',
  'http://0.0.0.0/jwks',
  'http://169.254.169.254/latest/meta-data',
  'http://192.168.1.1/jwks',
  'http://[::2]/jwks',
  'http://[::]/jwks',
  'http://[fe80::1]/jwks',
  'http://[::ffff:10.0.0.1]/jwks',
]

const never = [
  '',
  'id.example.com/jwks',
  '//id.example.com/jwks',
  '/jwks',
  'https://',
  'https://[',
  'http://127.0.0.999/jwks',
  'ftp://localhost/jwks',
  'file:///etc/passwd',
  'data:application/json,{}',
  'javascript:alert(1)',
  'blob:https://id.example.com/1',
  'ws://localhost/jwks',
  'https:jwks.json:a:b',
]

const everyMode: readonly HttpAllowed[] = ['never', 'loopback', 'always']

describe('keys may be fetched', () => {
  it.each([
    'https://id.example.com/jwks',
    'https://localhost/jwks',
    'HTTPS://ID.EXAMPLE.COM',
    'https://10.0.0.1:8443/',
  ])('from %s in every mode', (url) => {
    for (const mode of everyMode) expect(whyUnsafeUrl(url, mode)).toBeUndefined()
  })

  it.each(loopback)('from %s on this machine, unless plain http is never allowed', (url) => {
    expect(whyUnsafeUrl(url, 'loopback')).toBeUndefined()
    expect(whyUnsafeUrl(url, 'always')).toBeUndefined()
    expect(whyUnsafeUrl(url, 'never')).toMatch(/https/)
  })

  it.each(outside)('not from %s, unless plain http is always allowed', (url) => {
    expect(whyUnsafeUrl(url, 'loopback')).toMatch(/https/)
    expect(whyUnsafeUrl(url, 'never')).toMatch(/https/)
    expect(whyUnsafeUrl(url, 'always')).toBeUndefined()
  })

  it.each(never)('never from %j', (url) => {
    for (const mode of everyMode) expect(whyUnsafeUrl(url, mode)).toMatch(/\S/)
  })

  it.each([
    'https://user:hush@id.example.com/jwks',
    'https://user@id.example.com/jwks',
    'https://:hush@id.example.com/jwks',
    'http://user:hush@localhost/jwks',
    'https://id.example.com@evil.example.com/jwks',
  ])('never with credentials in the URL, which is told without them: %s', (url) => {
    for (const mode of everyMode) expect(whyUnsafeUrl(url, mode)).toMatch(/credentials.*remote\.headers/)
    expect(whyUnsafeUrl(url, 'always')).not.toContain('hush')
  })

  it('from no text that is neither https nor plain http on this machine', () => {
    const schemes = fc.constantFrom('http://', 'https://', 'HTTP://', 'http:', 'ftp://', '', ' http://', 'http:\\\\')
    const hosts = fc.constantFrom('localhost', '127.0.0.1', '[::1]', 'id.example.com', '2130706433', '0x7f.1', '127.1')
    const candidates = fc.oneof(
      fc.webUrl({ size: 'xsmall' }),
      fc.string(),
      fc.tuple(schemes, hosts, fc.string()).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(candidates, (text) => {
        if (whyUnsafeUrl(text, 'loopback') !== undefined) return
        const { protocol, hostname, username, password } = new URL(text)
        expect(username + password).toBe('')
        if (protocol === 'https:') return
        expect(protocol).toBe('http:')
        expect(hostname).toMatch(/^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/)
      }),
    )
  })

  it('is decided in words that quote nothing of the URL', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{12}$/), (secret) => {
        for (const url of [
          secret,
          `http://${secret}/`,
          `https://u:${secret}@h/`,
          `${secret}://h/`,
          `http://[${secret}`,
        ]) {
          expect(whyUnsafeUrl(url, 'loopback')).not.toContain(secret)
        }
      }),
    )
  })
})

describe('a URL in a log', () => {
  it.each([
    ['https://id.example.com/jwks', 'https://id.example.com/jwks'],
    ['https://id.example.com:8443/a/b', 'https://id.example.com:8443/a/b'],
    ['https://id.example.com', 'https://id.example.com/'],
    ['https://id.example.com/jwks?key=hush', 'https://id.example.com/jwks'],
    ['https://id.example.com/jwks#hush', 'https://id.example.com/jwks'],
    ['https://user:hush@id.example.com/jwks', 'https://id.example.com/jwks'],
  ])('%s is shown as %s', (url, shown) => {
    expect(urlForLog(url)).toBe(shown)
  })

  it.each(['', 'hush', 'http://[hush'])('%j, which is none, is not quoted', (text) => {
    expect(urlForLog(text)).toBe('an invalid URL')
  })

  it('is printable ASCII, whatever it was', () => {
    const text = fc.string({ unit: 'binary' })
    const candidates = fc.oneof(
      fc.webUrl({ size: 'xsmall' }),
      text,
      text.map((path) => `https://id.example.com/${path}`),
    )
    fc.assert(
      fc.property(candidates, (url) => {
        expect(urlForLog(url)).toMatch(/^[ -~]*$/)
      }),
    )
  })
})
