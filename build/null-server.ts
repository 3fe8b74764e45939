/** bin/null-server: gives the same answer to every question, for what the client costs by itself. */
import path from 'node:path'
import { goProgram } from './go.ts'
import { nullServerBinary, root } from './paths.ts'

const module = path.join(root, 'extension-sql')

export const nullServer = goProgram({
  title: 'Build bin/null-server',
  name: 'null-server',
  module,
  sources: ['nullserver', 'catalogue', 'finetimer', 'sqltext', 'go.mod', 'go.sum'].map((name) =>
    path.join(module, name),
  ),
  package: './nullserver',
  binary: nullServerBinary,
})
