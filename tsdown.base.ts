// How every package is built: an ES module and a CommonJS build from the same sources, with types for both.
import type { UserConfig } from 'tsdown'

type Entries = Readonly<Record<string, string>>

/**
 * @param entries - what users import
 * @param internal - what only the package's own `imports` map leads to: built on its own, without types
 * @param modulesOnly - the same, without a CommonJS build
 */
export function packageBuild(entries: Entries, internal: Entries = {}, modulesOnly?: Entries): UserConfig[] {
  const both = build({ ...entries, ...internal }, ['esm', 'cjs'], { entry: Object.values(entries) })
  // Runs beside the other one, which empties the directory.
  return modulesOnly === undefined ? [both] : [both, { ...build(modulesOnly, ['esm'], false), clean: false }]
}

function build(entry: Entries, format: ('esm' | 'cjs')[], dts: UserConfig['dts']): UserConfig {
  return {
    entry: { ...entry },
    format,
    platform: 'node',
    target: 'node20.19',
    fixedExtension: false,
    dts,
    // `#crypto` stays an import: the `imports` map chooses the engine at run time.
    deps: { neverBundle: [/^#/] },
    // Else the declarations keep a bare `import "#crypto"`, which the old resolution of TypeScript (node10) cannot follow.
    treeshake: { moduleSideEffects: [{ test: /^#/, sideEffects: false }] },
    // Shared chunks keep their names from one release to the next.
    hash: false,
    checks: { legacyCjs: false },
    logLevel: 'warn',
  }
}
