import type { IncomingMessage } from 'node:http'

import { Problem } from './problem.ts'

const deadlineMs = 30_000

/** All that a client sends with its request, up to a limit in bytes and time. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    return refused(
      request,
      new Problem(415, `A body in ${encoding} encoding is not understood; send it plain.`),
    )
  }
  const tooLarge = new Problem(413, `A body of at most ${limit} bytes is taken here.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) return refused(request, tooLarge)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => settle(new Problem(408, 'The body took too long to arrive.')), deadlineMs)
    const settle = (problem?: Problem): void => {
      clearTimeout(timer)
      request.off('data', take).off('end', settle).off('close', lost)
      if (problem === undefined) resolve(Buffer.concat(chunks, size))
      else refused(request, problem).catch(reject)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > limit) settle(tooLarge)
    }
    const lost = (): void => settle(new Problem(400, 'The request ended before its body did.'))
    request.on('data', take).once('end', settle).once('close', lost)
  })
}

/** Lets the client finish, so that it gets to read the answer, but not forever. */
export function refused(request: IncomingMessage, problem: Problem): Promise<never> {
  discardBody(request)
  return Promise.reject(problem)
}

export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const impatience = setTimeout(() => request.destroy(), deadlineMs).unref()
  request.once('close', () => clearTimeout(impatience))
  request.resume()
}
