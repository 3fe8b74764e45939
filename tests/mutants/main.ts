/**
 * Tries the tests by mutants: small changes to the code, each of which some test must notice. Arguments name rooms or single
 * files of one; none: all rooms. Exit code 1 where a room's score is too low, where a mutant survived that
 * equivalent.json does not explain, or where that list explains one that did not survive.
 */
import { BadInput, Failure } from '../../build/failure.ts'
import { codeOfError } from '../../cli/exit-codes.ts'
import { readEquivalents, type Sorted, scoreOf, sorted } from './mutant.ts'
import { type Room, rooms } from './rooms.ts'

interface Task {
  room: Room
  only?: string
}

function taskOf(argument: string): Task {
  const name = argument.replace(/\/$/, '')
  for (const room of rooms) {
    if (room.name === name) return { room }
    if (name.startsWith(`${room.name}/`)) return { room, only: name }
  }
  const known = rooms.map((room) => room.name).join(', ')
  throw new BadInput(`${argument} is no room with mutants`, `Give one of ${known}, or a file of one`)
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`

const head = [
  row(['room', 'mutants', 'killed', 'survived', 'explained', 'killed of 100', 'of those not explained']),
  row(['---', '---:', '---:', '---:', '---:', '---:', '---:']),
]

function rowOf({ room, only }: Task, done: Sorted): string {
  const { killed, listed, survived } = done
  const all = killed.length + listed.length + survived.length
  const ofAll = all === 0 ? 0 : (100 * killed.length) / all
  return row([
    only ?? room.name,
    all,
    killed.length,
    survived.length,
    listed.length,
    ofAll.toFixed(1),
    scoreOf(done).toFixed(1),
  ])
}

async function main(names: string[]): Promise<number> {
  const tasks: Task[] = names.length > 0 ? names.map(taskOf) : rooms.map((room) => ({ room }))
  const equivalents = await readEquivalents()
  const rows: string[] = []
  const complaints: string[] = []
  for (const task of tasks) {
    const { room, only } = task
    const own = equivalents.filter(({ file }) => (only ? file === only : file.startsWith(`${room.name}/`)))
    const done = sorted(await room.run(room, only), own)
    rows.push(rowOf(task, done))
    for (const { file, line, code, change } of done.survived)
      complaints.push(`${file}:${line}: survived: ${change}\n    ${code}`)
    for (const each of done.stale) complaints.push(`equivalent.json explains what did not survive: ${each}`)
    if (!only && scoreOf(done) < room.leastScore)
      complaints.push(`${room.name}: fewer than ${room.leastScore} of 100 were killed`)
  }
  process.stdout.write(`\n${[...complaints, '', ...head, ...rows].join('\n')}\n`)
  return complaints.length > 0 ? 1 : 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stderr.write(`${error.text}\n`)
  process.exitCode = codeOfError(error)
}
