import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { deserialize, serialize, type Document } from 'bson'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../behaviour/server.ts'
import { MongoDBNode } from '../node.ts'
import { Framing } from './framing.ts'

const directory = temporaryDirectory()
let node: MongoDBNode

beforeAll(async () => {
  node = await MongoDBNode.start({ db: directory })
})
afterAll(async () => {
  await node.stop()
  rmSync(directory, { recursive: true })
})

async function open(): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

function header(size: number, id: number, opcode: number): Buffer {
  const out = Buffer.alloc(16)
  ;[size, id, 0, opcode].forEach((value, i) => out.writeInt32LE(value, i * 4))
  return out
}

function opMsg(id: number, command: Document, flags = 0): Buffer {
  const body = Buffer.concat([Buffer.from([flags, 0, 0, 0, 0]), serialize({ ...command, $db: 'wire' })])
  return Buffer.concat([header(body.length + 16, id, 2013), body])
}

async function replies(socket: Socket, count: number): Promise<Buffer[]> {
  const framing = new Framing()
  const out: Buffer[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    if (Buffer.isBuffer(chunk)) out.push(...framing.push(chunk))
    if (out.length >= count) break
  }
  return out
}

const bodyOf = (reply: Buffer | undefined): Document => deserialize(reply?.subarray(21) ?? Buffer.alloc(0))

test('the first hello may come as OP_QUERY, and is answered as OP_REPLY', async () => {
  const socket = await open()
  const query = Buffer.concat([
    Buffer.alloc(4),
    Buffer.from('admin.$cmd\0'),
    Buffer.from([0, 0, 0, 0, 255, 255, 255, 255]),
    serialize({ ismaster: 1, helloOk: true }),
  ])
  socket.write(Buffer.concat([header(query.length + 16, 7, 2004), query]))
  const [reply] = await replies(socket, 1)
  expect(reply?.readInt32LE(8)).toBe(7)
  expect(reply?.readInt32LE(12)).toBe(1)
  expect(deserialize(reply?.subarray(36) ?? Buffer.alloc(0))).toMatchObject({
    ismaster: true,
    ok: 1,
    maxWireVersion: 25,
  })
  socket.destroy()
})

test('nothing but the first hello may come as OP_QUERY', async () => {
  const socket = await open()
  const query = Buffer.concat([
    Buffer.alloc(4),
    Buffer.from('wire.$cmd\0'),
    Buffer.from([0, 0, 0, 0, 255, 255, 255, 255]),
    serialize({ find: 'a' }),
  ])
  socket.write(Buffer.concat([header(query.length + 16, 8, 2004), query, opMsg(9, { ping: 1 })]))
  const [refused, pong] = await replies(socket, 2)
  expect(deserialize(refused?.subarray(36) ?? Buffer.alloc(0))).toMatchObject({ ok: 0, code: 352 })
  expect(bodyOf(pong)).toEqual({ ok: 1 })
  socket.destroy()
})

test('commands sent together are answered in their order', async () => {
  const socket = await open()
  const commands = [{ insert: 'a', documents: [{ _id: 1 }] }, { find: 'a' }, { ping: 1 }]
  socket.write(Buffer.concat(commands.map((command, i) => opMsg(i + 1, command))))
  const answers = await replies(socket, 3)
  expect(answers.map((reply) => reply.readInt32LE(8))).toEqual([1, 2, 3])
  expect(bodyOf(answers[1])).toMatchObject({ cursor: { firstBatch: [{ _id: 1 }] } })
  socket.destroy()
})

test('a command that wants no answer gets none, and is done', async () => {
  const socket = await open()
  socket.write(
    Buffer.concat([opMsg(1, { insert: 'b', documents: [{ _id: 1 }] }, 2), opMsg(2, { count: 'b' })]),
  )
  const [reply] = await replies(socket, 1)
  expect(reply?.readInt32LE(8)).toBe(2)
  expect(bodyOf(reply)).toEqual({ n: 1, ok: 1 })
  socket.destroy()
})

test.each([
  ['another opcode', Buffer.concat([header(20, 1, 2001), Buffer.alloc(4)])],
  ['a length beyond the largest message', header(0x7fffffff, 1, 2013)],
  [
    'a body that lies about its length',
    Buffer.concat([header(30, 1, 2013), Buffer.alloc(5), Buffer.from([255, 0, 0, 0]), Buffer.alloc(5)]),
  ],
  ['an OP_MSG without flags', header(16, 1, 2013)],
])('%s ends the connection, not the node', async (_, bytes) => {
  const socket = await open()
  socket.resume()
  const closed = once(socket, 'close')
  socket.write(bytes)
  await closed
  const other = await open()
  other.write(opMsg(1, { ping: 1 }))
  expect(bodyOf((await replies(other, 1))[0])).toEqual({ ok: 1 })
  other.destroy()
})

test('a document that is not well formed is refused and not stored', async () => {
  const socket = await open()
  const message = opMsg(1, { insert: 'c', documents: [{ _id: 1, inner: { text: 'abc' } }] })
  // The length of the string inside, turned to nonsense.
  message.writeInt32LE(1_000, message.indexOf('abc') - 4)
  socket.write(Buffer.concat([message, opMsg(2, { count: 'c' })]))
  const answers = await replies(socket, 2)
  expect(bodyOf(answers[0])).toMatchObject({ writeErrors: [{ index: 0, code: 22 }] })
  expect(bodyOf(answers[1])).toEqual({ n: 0, ok: 1 })
  socket.destroy()
})
