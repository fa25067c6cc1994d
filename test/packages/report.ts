// What Jest and vitest tell of a run as JSON, which is the same.

interface Report {
  readonly testResults: readonly {
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

export interface RunReport {
  /** Messages of files, and tests. */
  readonly failures: readonly unknown[]
  readonly files: number
  readonly tests: number
}

export function reportOf(json: string): RunReport {
  const { testResults } = JSON.parse(json) as Report
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  // Of a file that does not even compile, there is only the message.
  const failedFiles = testResults.filter(({ status }) => status !== 'passed').map(({ message }) => message)
  const failedTests = tests.filter(({ status }) => status !== 'passed')
  return { failures: [...failedFiles, ...failedTests], files: testResults.length, tests: tests.length }
}
