/** Asks a program what it is, or whether something works at all; what is asked takes no time. */
import { spawnSync } from 'node:child_process'
import { environment } from './environment.ts'
import { root } from './paths.ts'
import { patience } from './patience.ts'

/** @returns what it said; undefined where there is no such program, where it failed, or did not answer in time */
export function probe(file: string, ...args: string[]): string | undefined {
  const said = spawnSync(file, args, {
    encoding: 'utf8',
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patience * 1000,
    killSignal: 'SIGKILL',
  })
  return said.status === 0 ? said.stdout : undefined
}
