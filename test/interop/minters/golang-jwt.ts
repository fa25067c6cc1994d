// golang-jwt, from the sources that Debian packages. It escapes what HTML minds, and knows keys as PEM and certificates.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer, Minter, Order } from '../minter.ts'
import { algorithmsOfOld, answerOf, scriptOf } from '../program.ts'

/** Where Debian has the sources of Go libraries. */
const sources = '/usr/share/gocode'

export const golangJwt: Minter = {
  name: 'golang-jwt',
  debian: ['golang-go', 'golang-github-golang-jwt-jwt-dev'],
  algorithms: algorithmsOfOld,
  mint,
}

async function mint(order: Order): Promise<Answer | undefined> {
  if (!existsSync(join(sources, 'src/github.com/golang-jwt/jwt'))) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'jwtgate-golang-jwt-'))
  const environment = { GO111MODULE: 'off', GOPATH: sources, GOCACHE: directory, GOTMPDIR: directory, GOFLAGS: '' }
  try {
    return await answerOf(['go'], ['run', scriptOf('golang-jwt/main.go')], order, environment)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
