/** A small change to the code, made by a tool, and whether a test noticed. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { BadInput } from '../../build/failure.ts'
import { root, shown } from '../../build/paths.ts'

export interface Mutant {
  /** From the checkout's root. */
  file: string
  /** From 1. */
  line: number
  /** The line as it stands, without its indentation. */
  code: string
  /** What was changed, on one line: `a < b → a <= b`. */
  change: string
  killed: boolean
}

/** On one line, and no longer than a reader needs to know it again. */
export const short = (code: string) => {
  const flat = code.replace(/\s+/g, ' ').trim()
  return flat.length > 80 ? `${flat.slice(0, 77)}...` : flat
}

const list = z.array(
  z.strictObject({
    file: z.string(),
    code: z.string(),
    /** Several of one line may share a reason. */
    changes: z.array(z.string()).min(1),
    /** Why it changes nothing that anyone can see. */
    reason: z.string().min(20),
  }),
)

/** Mutants that no test can kill. Lines are known by their text, so that the list outlives edits elsewhere in a file. */
export type Equivalents = z.infer<typeof list>

const equivalentsFile = path.join(root, 'tests', 'mutants', 'equivalent.json')

export async function readEquivalents(file = equivalentsFile): Promise<Equivalents> {
  const parsed = list.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new BadInput(`${shown(file)} does not fit: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

export interface Sorted {
  killed: Mutant[]
  /** Survivors that the list explains. */
  listed: Mutant[]
  /** Survivors that nobody explains. */
  survived: Mutant[]
  /** What the list says of these files although no mutant survived there. */
  stale: string[]
}

/** @param equivalents of the files that were mutated */
export function sorted(mutants: Mutant[], equivalents: Equivalents): Sorted {
  const entries = new Map(
    equivalents.flatMap(({ file, code, changes }) =>
      changes.map((change) => [JSON.stringify([file, code, change]), `${file}: ${code}: ${change}`]),
    ),
  )
  const keyOf = ({ file, code, change }: Mutant) => JSON.stringify([file, code, change])
  const killed = mutants.filter((mutant) => mutant.killed)
  const left = mutants.filter((mutant) => !mutant.killed)
  const listed = left.filter((mutant) => entries.has(keyOf(mutant)))
  const survived = left.filter((mutant) => !entries.has(keyOf(mutant)))
  for (const mutant of listed) entries.delete(keyOf(mutant))
  return { killed, listed, survived, stale: [...entries.values()] }
}

/** Of 100 that a test could kill, how many one did. */
export const scoreOf = ({ killed, survived }: Sorted) =>
  killed.length + survived.length === 0 ? 0 : (100 * killed.length) / (killed.length + survived.length)
