// Where the files of the benchmarks are, whether Node runs the sources (24) or what the compiler made of them (20).
import { basename, dirname, extname, join } from 'node:path'

const running = import.meta.dirname

/** The directory of this package. */
export const home = basename(running) === 'dist' ? dirname(running) : running

/** The file of a program of this package, such as `http/application`. */
export function programAt(name: string): string {
  return join(running, `${name}${extname(import.meta.filename)}`)
}
