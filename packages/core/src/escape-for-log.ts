// Text from outside, made fit for a hint or an event.

const longest = 64

/** Printable ASCII stays; all else is escaped as in JSON, quotes and backslashes too. At most 64 characters. */
export function escapeForLog(text: string): string {
  // More than this many units cannot be shown: what would not be is not escaped either.
  const escaped = text.slice(0, longest + 1).replace(/[^ !#-[\]-~]/g, escapeUnit)
  return escaped.length <= longest ? escaped : `${escaped.slice(0, longest - 3).replace(/\\u?[0-9a-f]{0,3}$/, '')}...`
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
