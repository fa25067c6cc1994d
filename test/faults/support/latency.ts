// Whether requests were held up: percentiles of a fault beside those without it, on a machine that is never quite quiet.
import { expect } from 'vitest'
import type { Tally } from './client.ts'
import { milliseconds } from './figure.ts'

export interface LatencyComparison {
  /** Of the same requests before the fault. */
  readonly before: Tally
  /** Of as many requests at the same time, at a route without the fault: what else loads the machine hits both. */
  readonly beside: Tally
  readonly during: Tally
}

/** Milliseconds that no request needs and a busy machine adds; whoever waits for a fault waits for hundreds. */
const noise = 10

export function p99Line({ before, beside, during }: LatencyComparison): string {
  const p99 = ({ latency }: Tally): string => milliseconds(latency.p99)
  return `p99 of known keys ${p99(during)} (before ${p99(before)}, beside ${p99(beside)})`
}

export function expectNobodyWaited({ before, beside, during }: LatencyComparison): void {
  const usual = Math.max(before.latency.p99, beside.latency.p99)
  expect(during.latency.p99).toBeLessThanOrEqual(2 * usual + noise)
}
