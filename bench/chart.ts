// The picture for the README: what a guarded route costs, and how a new token compares with the bare signature check, as SVG.
import type { Bar, Result } from './report.ts'

/** A panel of the picture: bars of several groups, the group's name above each. */
interface Panel {
  readonly title: string
  readonly unit: string
  readonly digits: number
  readonly section: string
  /** By their names in the findings. */
  readonly groups: readonly string[]
  /** Longer bars are cut here, and say their value all the same. */
  readonly longest: number
}

const panels: readonly Panel[] = [
  {
    title: 'Processor time over a bare route: 1,000 tokens again and again (only jwtgate remembers)',
    unit: 'µs',
    digits: 0,
    section: 'http',
    groups: [
      'Express, 1,000 tokens again and again',
      'Koa, 1,000 tokens again and again',
      'NestJS, 1,000 tokens again and again',
    ],
    longest: 130,
  },
  {
    title: 'Processor time over a bare route: every token new',
    unit: 'µs',
    digits: 0,
    section: 'http',
    groups: ['Express, every token new', 'Koa, every token new', 'NestJS, every token new'],
    longest: 130,
  },
  {
    title: 'A new token, all checks: time over the bare signature check (1 = nothing else)',
    unit: '×',
    digits: 2,
    section: 'new-tokens',
    groups: ['RS256', 'ES256', 'EdDSA'],
    longest: 5,
  },
]

const [width, margin, names, values] = [840, 16, 230, 90]
const [line, groupGap, panelGap] = [20, 26, 40]

/** Of the newest Node; nothing while a section is missing. */
export function chartOf(results: readonly Result[]): string | undefined {
  const found = panels.map(({ section }) => results.find((result) => result.section === section))
  const [first] = found
  if (first === undefined || found.includes(undefined)) return undefined

  const shapes: string[] = []
  let y = margin
  for (const [index, panel] of panels.entries()) {
    y += 16
    shapes.push(text(margin, y, panel.title, 'title'))
    for (const group of panel.groups) {
      y += groupGap
      const bars = (found[index]?.bars ?? []).filter((bar) => bar.group === group && !bar.name.startsWith('jwtgate,'))
      shapes.push(text(margin, y, group.replace(/, .*/, ''), 'group'))
      for (const bar of bars.toSorted((a, b) => a.value - b.value)) {
        y += line
        shapes.push(...shapesOf(bar, panel, y))
      }
    }
    y += panelGap
  }
  const about = `Medians of one run, ${first.date}: ${first.machine}. bench/RESULTS.md has all figures.`
  shapes.push(text(margin, y, about, 'about'))
  return pictureOf(shapes, y + margin)
}

function shapesOf({ name, value }: Bar, { unit, digits, longest }: Panel, y: number): readonly string[] {
  const room = width - 2 * margin - names - values
  const length = Math.max(2, (Math.min(value, longest) / longest) * room)
  const kind = name.includes('jwtgate') ? 'ours' : 'other'
  const start = margin + names
  // A bar that is cut ends in two strokes.
  const cut = value > longest ? [`<path class="cut" d="M${start + room - 14} ${y - 13}l-5 14m10 -14l-5 14"/>`] : []
  return [
    text(start - 8, y - 2, name, kind === 'ours' ? 'name own' : 'name'),
    `<rect class="${kind}" x="${start}" y="${y - 13}" width="${length.toFixed(1)}" height="14" rx="2"/>`,
    ...cut,
    text(start + length + 6, y - 2, `${value.toFixed(digits)} ${unit}`, 'value'),
  ]
}

function text(x: number, y: number, content: string, kind: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text class="${kind}" x="${x.toFixed(0)}" y="${y}">${escaped}</text>`
}

/** Colours that can be read on white and on black, for it is not known which of them is behind. */
function pictureOf(shapes: readonly string[], height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>What verifying a token costs: jwtgate beside other libraries</title>
<style>
text { font: 13px -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #747c86 }
.title { font-size: 14px; font-weight: 600 }
.group { font-weight: 600 }
.name { text-anchor: end }
.own { font-weight: 600; fill: #218bff }
.about { font-size: 11px }
.ours { fill: #218bff }
.other { fill: #8b949e; fill-opacity: 0.6 }
.cut { stroke: #747c86; stroke-width: 2; fill: none }
</style>
${shapes.join('\n')}
</svg>
`
}
