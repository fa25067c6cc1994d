// Finds the Node of the machine: the example must run on what people have, not on what the workspace is built with.
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

export interface NodeProgram {
  readonly path: string
  /** As it says itself, for example `v20.20.2`. */
  readonly version: string
}

export function machineNode(): NodeProgram {
  const path = (process.env['PATH'] ?? '').split(delimiter).map(nodeIn).find(isProgram) ?? process.execPath
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim() }
}

// pnpm puts the Node of the workspace first; like everything a package manager adds, it is inside a node_modules.
function nodeIn(directory: string): string | undefined {
  if (!isAbsolute(directory) || directory.split(/[\\/]/).includes('node_modules')) return undefined
  return join(directory, process.platform === 'win32' ? 'node.exe' : 'node')
}

function isProgram(path: string | undefined): path is string {
  if (path === undefined) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
