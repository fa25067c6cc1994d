// The demo: a real OpenID provider and a protected API on loopback, and what becomes of good and bad tokens.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { curlLines } from './curl-lines.ts'
import { openStage, type Stage } from './stage.ts'
import { tellStory } from './story.ts'
import { renderHeader, renderRow, renderSummary } from './table.ts'
import { createTerminal } from './terminal.ts'

const terminal = createTerminal(process.stdout)
const { colours, print, progress } = terminal

// Leaving through process.exit() also ends the children.
let exitCodeOnSignal = 130
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(exitCodeOnSignal))
}

try {
  process.exitCode = await run(readArguments().serve)
} catch (error) {
  print(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

async function run(serve: boolean): Promise<number> {
  const stage = await openStage()
  print(introduction(stage))
  print(renderHeader(colours))
  const rows = await tellStory(stage, (row) => print(renderRow(row, colours)), progress)
  print(`\n${renderSummary(rows, colours)}`)
  const isKept = rows.every((row) => row.problems.length === 0)
  if (!isKept) print(outputOf(stage))
  if (serve && isKept) await serveUntilStopped(stage)
  await stage.close()
  return isKept && !serve ? 0 : 1
}

function readArguments(): { readonly serve: boolean } {
  // Some package managers hand on the `--` that was meant for them.
  const args = process.argv.slice(2).filter((argument) => argument !== '--')
  return parseArgs({ args, options: { serve: { type: 'boolean', default: false } } }).values
}

function introduction({ provider, api }: Stage): string {
  return [
    `OpenID provider  ${provider.issuer()}  oidc-provider on Node ${process.version}`,
    `protected API    ${api.url()}  examples/express on Node ${api.nodeVersion}`,
    'Each request is GET /orders, unless it says DELETE.\n',
  ].join('\n')
}

function outputOf({ provider, api }: Stage): string {
  return `\nWhat the API wrote:\n${api.output()}\nWhat the provider wrote:\n${provider.output()}`
}

/** Ends only if one of the two does: Ctrl-C leaves at once. */
async function serveUntilStopped(stage: Stage): Promise<void> {
  exitCodeOnSignal = 0 // the story is told: being stopped is how it ends well
  print(`\nBoth stay up. Try:\n\n${await curlLines(stage)}\n\nCtrl-C stops both. Until then, what the API writes:\n`)
  stage.api.follow((text) => print(text.trimEnd()))
  await Promise.race([stage.provider.gone(), stage.api.gone()])
  await sleep(500) // Ctrl-C in a terminal reaches the children too: let our own handler have it first
  print(`\nOne of the two has ended by itself.\n${outputOf(stage)}`)
}
