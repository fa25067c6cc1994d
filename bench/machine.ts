// What has to be known about a machine and the packages to read figures that were measured on it.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { home } from './places.ts'

export function machineFacts(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU'
  const memory = Math.round(totalmem() / 2 ** 30)
  const platform = `${process.platform} ${process.arch}`
  return `${model}, ${availableParallelism()} cores, ${memory} GB, ${platform}, Node ${process.versions.node}`
}

/** For example `jose 6.2.17`, of what is installed. */
export function versionOf(name: string): string {
  const file = join(home, 'node_modules', name, 'package.json')
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
  return `${name} ${version}`
}
