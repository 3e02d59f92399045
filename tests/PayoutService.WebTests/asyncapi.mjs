// Parses the AsyncAPI document and prints what is wrong with it; nothing when it is right.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'))
for (const one of diagnostics.filter(one => one.severity < 2)) console.log(one.code, one.message, one.path.join('.'))
if (!document) process.exit(1)
console.log(document.messages().all().length, 'messages')
