import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { headerSize } from './framing.ts'

const opReply = 1
const opQuery = 2004
const opMsg = 2013

const checksumPresent = 1
const moreToCome = 2
const knownRequiredFlags = 3

/** A command as it came: its document, and the lists that travelled beside it. */
export interface Request {
  readonly id: number
  readonly body: RawDocument
  readonly sequences: ReadonlyMap<string, readonly RawDocument[]>
  /** False for an unacknowledged write. */
  readonly answered: boolean
  /** The database, where the message form names it (OP_QUERY); OP_MSG has it in the document. */
  readonly database: string | undefined
  /** It came as OP_QUERY, which only a first hello may do. */
  readonly legacy: boolean
  reply(body: RawDocument): Buffer
}

export function decodeMessage(message: Buffer): Request {
  const id = message.readInt32LE(4)
  const opcode = message.readInt32LE(12)
  if (opcode === opMsg) return decodeMsg(message, id)
  if (opcode === opQuery) return decodeQuery(message, id)
  throw new MongoError('FailedToParse', `opcode ${opcode} is not understood: use OP_MSG`)
}

function decodeMsg(message: Buffer, id: number): Request {
  const flags = message.readUInt32LE(16)
  if ((flags & 0xffff & ~knownRequiredFlags) !== 0)
    throw new MongoError('FailedToParse', `unknown OP_MSG flags ${flags}`)
  const end = message.length - ((flags & checksumPresent) !== 0 ? 4 : 0)
  const sequences = new Map<string, RawDocument[]>()
  let body: RawDocument | undefined
  let at = headerSize + 4
  while (at < end) {
    const kind = message.readUInt8(at++)
    const size = message.readInt32LE(at)
    if (size < 5 || at + size > end)
      throw new MongoError('FailedToParse', 'an OP_MSG section does not fit its message')
    if (kind === 0) {
      if (body) throw new MongoError('FailedToParse', 'an OP_MSG with two bodies')
      body = message.subarray(at, at + size)
    } else if (kind === 1) readSequence(message.subarray(at + 4, at + size), sequences)
    else throw new MongoError('FailedToParse', `unknown OP_MSG section ${kind}`)
    at += size
  }
  if (body === undefined) throw new MongoError('FailedToParse', 'OP_MSG without a body')
  return {
    id,
    body,
    sequences,
    answered: (flags & moreToCome) === 0,
    database: undefined,
    legacy: false,
    reply: (reply) => msg(id, reply),
  }
}

function readSequence(bytes: Buffer, sequences: Map<string, RawDocument[]>): void {
  const nameEnd = bytes.indexOf(0)
  if (nameEnd < 0) throw new MongoError('FailedToParse', 'an OP_MSG section without a name')
  const documents: RawDocument[] = []
  for (let at = nameEnd + 1; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? bytes.readInt32LE(at) : 0
    if (size < 5 || at + size > bytes.length)
      throw new MongoError('FailedToParse', 'a document does not fit its section')
    documents.push(bytes.subarray(at, at + size))
    at += size
  }
  if (sequences.has(bytes.toString('utf8', 0, nameEnd)))
    throw new MongoError('FailedToParse', 'two OP_MSG sections of one name')
  sequences.set(bytes.toString('utf8', 0, nameEnd), documents)
}

/** OP_QUERY is only spoken for the first hello, before the client knows that the server understands OP_MSG. */
function decodeQuery(message: Buffer, id: number): Request {
  const nameStart = headerSize + 4
  const nameEnd = message.indexOf(0, nameStart)
  const start = nameEnd + 9
  const size = nameEnd < 0 || start + 4 > message.length ? 0 : message.readInt32LE(start)
  if (size < 5 || start + size > message.length) throw new MongoError('FailedToParse', 'OP_QUERY is cut off')
  const database = message.toString('utf8', nameStart, nameEnd).split('.', 1)[0]
  return {
    id,
    body: message.subarray(start, start + size),
    sequences: new Map(),
    answered: true,
    database,
    legacy: true,
    reply: (body) => queryReply(id, body),
  }
}

let nextId = 1

function msg(to: number, body: RawDocument): Buffer {
  const out = withHeader(headerSize + 5 + body.length, to, opMsg)
  out.writeUInt32LE(0, 16)
  out[20] = 0
  out.set(body, 21)
  return out
}

function queryReply(to: number, body: RawDocument): Buffer {
  const out = withHeader(headerSize + 20 + body.length, to, opReply)
  out.fill(0, 16, 32)
  out.writeInt32LE(8, 16)
  out.writeInt32LE(1, 32)
  out.set(body, 36)
  return out
}

function withHeader(size: number, to: number, opcode: number): Buffer {
  const out = Buffer.allocUnsafe(size)
  out.writeInt32LE(size, 0)
  out.writeInt32LE(nextId++ & 0x7fffffff, 4)
  out.writeInt32LE(to, 8)
  out.writeInt32LE(opcode, 12)
  return out
}
