// The story as a table of at most 120 columns.
import type { Row } from './story.ts'

const widths = { title: 30, status: 6, code: 21, challenge: 39, milliseconds: 7, verdict: 6 } as const
type Column = keyof typeof widths

export function renderHeader(colours: boolean): string {
  const names = { title: 'request', challenge: 'challenge (Bearer)', milliseconds: 'ms', verdict: '' }
  const header = line({ ...names, status: 'status', code: 'code' })
  return `${paint('1', header, colours)}\n${paint('2', '-'.repeat(total()), colours)}`
}

/** One line, and one more for each promise that was not kept. */
export function renderRow({ step, got, problems }: Row, colours: boolean): string {
  const isOk = problems.length === 0
  const cells = {
    title: step.title,
    status: got ? String(got.status) : '-',
    code: got?.code ?? '-',
    challenge: challengeText(got),
    milliseconds: got ? got.milliseconds.toFixed(1) : '-',
  }
  const text = line({ ...cells, verdict: '' }) + '  ' + paint(isOk ? '32' : '31', isOk ? 'ok' : 'FAILED', colours)
  return [text, ...problems.flatMap((problem) => problem.split('\n')).map((problem) => `    ${problem}`)].join('\n')
}

export function renderSummary(rows: readonly Row[], colours: boolean): string {
  const kept = rows.filter((row) => row.problems.length === 0).length
  return paint(kept === rows.length ? '32' : '31', `${kept} of ${rows.length} came out as promised`, colours)
}

// The scheme is in the header line, and error_description says no more than the code: what is left fits.
function challengeText(got: Row['got']): string {
  if (got?.retryAfter !== undefined) return `- (Retry-After: ${got.retryAfter})`
  if (!got?.challenge) return '-'
  const { realm, error } = got.challenge
  return `realm="${realm}"${error === undefined ? '' : `, error="${error}"`}`
}

function line(cells: Readonly<Record<Column, string>>): string {
  const left = (column: Column): string => cut(cells[column], widths[column]).padEnd(widths[column])
  const milliseconds = cells.milliseconds.padStart(widths.milliseconds)
  return [left('title'), left('status'), left('code'), left('challenge'), milliseconds].join('  ')
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function total(): number {
  const columns = Object.values(widths)
  return columns.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1)
}

function paint(code: string, text: string, colours: boolean): string {
  return colours ? `\u001b[${code}m${text}\u001b[0m` : text
}
