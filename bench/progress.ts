// One line that is written over while a benchmark runs, where somebody sees it.

export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}
