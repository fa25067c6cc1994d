// A piece of a text that is kept for long.

/** The same text in memory of its own: as a piece of a header, it would keep all of that header in memory. */
export function ownText(text: string): string {
  return `.${text}`.slice(1) // Joined, and so copied, before it can be cut.
}
