// How every package is built: an ES module and a CommonJS build from the same sources, with types for both.
import type { UserConfig } from 'tsdown'

export function packageBuild(entry: Record<string, string>): UserConfig {
  return {
    entry,
    format: ['esm', 'cjs'],
    platform: 'node',
    target: 'node20.19',
    fixedExtension: false,
    dts: true,
    // `#crypto` stays an import: the package's `imports` map chooses the engine at run time.
    deps: { neverBundle: [/^#/] },
    checks: { legacyCjs: false },
    logLevel: 'warn',
  }
}
