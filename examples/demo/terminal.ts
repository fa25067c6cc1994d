// Prints lines, and a progress line that is gone again when the next line comes.
import type { OnWait } from './wait.ts'

export interface Terminal {
  readonly colours: boolean
  readonly print: (text: string) => void
  readonly progress: OnWait
}

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const isLive = stream.isTTY
  let waiting = ''

  return {
    // https://no-color.org: set and not empty.
    colours: isLive && !process.env['NO_COLOR'],
    print(text) {
      stream.write(`${isLive && waiting ? '\r\u001b[K' : ''}${text}\n`)
      waiting = ''
    },
    progress(what, seconds) {
      if (isLive) stream.write(`\r\u001b[K  ... waiting for ${what} (${seconds} s at most)`)
      // A log cannot take lines back: it gets one per wait.
      else if (waiting !== what) stream.write(`  ... waiting for ${what} (${seconds} s at most)\n`)
      waiting = what
    },
  }
}
