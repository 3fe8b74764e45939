#!/usr/bin/env node
// The command line is TypeScript and runs as it is; this file only makes Node able to read it.
// Other users of the machine see the command line of a process, and addresses with passwords may stand in it.
process.title = 'inference-gap'
// An older one would stumble over our own syntax or over that of a dependency, in words of its own.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 5)) {
  console.error(`Node ${process.versions.node} is too old, 20.5 or newer is needed: https://nodejs.org`)
  process.exit(4)
}
const { register } = await import('tsx/esm/api')

// The settings of a project in whose folder it is called are for that project's own files.
register({ tsconfig: false })
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
// A connection that somebody else does not close is no reason to stay.
setTimeout(() => process.exit(), 1000).unref()
