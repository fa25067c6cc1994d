// Text from outside, made fit for a hint or an event.

const longest = 64

/** Printable ASCII stays; all else is escaped as in JSON, quotes and backslashes too. Cut to 64 characters first. */
export function escapeForLog(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 3)}...` : text
  return cut.replace(/[^ !#-[\]-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
