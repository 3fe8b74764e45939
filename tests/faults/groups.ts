/** All rows of the table, in its order. */
import { answers } from './answers.ts'
import { commands } from './commands.ts'
import { database } from './database.ts'
import { input } from './input.ts'
import { processes } from './processes.ts'
import type { Group } from './row.ts'
import { security } from './security.ts'
import { ownParts } from './stack.ts'

export const groups: readonly Group[] = [answers, database, ownParts, commands, input, processes, security]
