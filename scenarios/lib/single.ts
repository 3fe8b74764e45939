/** A scenario of one target: a closed model of CLIENTS virtual users for DURATION seconds, one request an iteration. */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import { draw } from './keys.ts'
import { connectPostgres } from './postgres.ts'
import { connectPython } from './python.ts'
import { type AskOnce, askerOf, metricOf } from './request.ts'
import { seconds, seed, type Target, wholeNumber } from './settings.ts'
import { noWrongAnswers, rateThreshold, readThresholds, targetThresholds } from './thresholds.ts'

export function singleOptions(target: Target): Options {
  const bounds = readThresholds()[target]
  return {
    scenarios: {
      [`${target}-predict`]: {
        executor: 'constant-vus',
        vus: wholeNumber('CLIENTS', 1),
        duration: `${seconds('DURATION', 10)}s`,
        gracefulStop: '5s',
      },
    },
    thresholds: { ...targetThresholds(target, bounds), ...rateThreshold(target, bounds), ...noWrongAnswers },
    summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
  }
}

interface Client {
  askOnce: AskOnce
  next: () => number
}

/** The iteration: connects when a virtual user runs for the first time, then asks for one prediction after the other. */
export function singleIteration(target: Target): () => void {
  let client: Client | undefined
  return () => {
    client ??= {
      askOnce: askerOf(
        target === 'postgres' ? connectPostgres() : connectPython(),
        recorder.series({ target, block: 'all', ...metricOf(target) }),
      ),
      next: draw(seed(), exec.vu.idInTest, 0),
    }
    client.askOnce(client.next(), clock.now())
  }
}
