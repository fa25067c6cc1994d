// How every package is built: an ES module and a CommonJS build from the same sources, with types for both.
import type { UserConfig } from 'tsdown'

type Entries = Readonly<Record<string, string>>

/**
 * @param entries - what users import
 * @param internal - what only the package's own `imports` map leads to: built on its own, without types
 */
export function packageBuild(entries: Entries, internal: Entries = {}): UserConfig {
  return {
    entry: { ...entries, ...internal },
    format: ['esm', 'cjs'],
    platform: 'node',
    target: 'node20.19',
    fixedExtension: false,
    dts: { entry: Object.values(entries) },
    // `#crypto` stays an import: the `imports` map chooses the engine at run time.
    deps: { neverBundle: [/^#/] },
    checks: { legacyCjs: false },
    logLevel: 'warn',
  }
}
