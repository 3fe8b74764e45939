/** The rooms whose tests are tried by mutants, and how many of 100 must be killed in each. */
import { gremlins } from './gremlins.ts'
import type { Mutant } from './mutant.ts'
import { stryker } from './stryker.ts'

export interface Room {
  name: string
  /** Globs from the checkout's root, `!` before what is left out. */
  files: string[]
  leastScore: number
  /** @param only the one file to look at; absent: all of the room's */
  run: (room: Room, only?: string) => Promise<Mutant[]>
}

/** What only tests use is not what they hold. */
const of = (folder: string) => [`${folder}/**/*.ts`, `!${folder}/**/*.test.ts`, `!${folder}/**/fixture.ts`]

export const rooms: Room[] = [
  { name: 'gap', files: of('gap'), leastScore: 95, run: stryker },
  { name: 'scenarios/lib', files: of('scenarios/lib'), leastScore: 85, run: stryker },
  { name: 'targets', files: ['targets/parity.ts'], leastScore: 85, run: stryker },
  { name: 'datasets', files: of('datasets'), leastScore: 85, run: stryker },
  { name: 'report', files: of('report'), leastScore: 85, run: stryker },
  { name: 'extension-sql/recorder', files: ['extension-sql/recorder/*.go'], leastScore: 85, run: gremlins },
]
