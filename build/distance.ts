/** bin/distance: puts a round trip of a known length before whoever answers. */
import path from 'node:path'
import { goProgram } from './go.ts'
import { distanceBinary, root } from './paths.ts'

const module = path.join(root, 'extension-sql')

export const distance = goProgram({
  title: 'Build bin/distance',
  name: 'distance',
  module,
  sources: ['distance', 'go.mod', 'go.sum'].map((name) => path.join(module, name)),
  package: './distance',
  binary: distanceBinary,
})
