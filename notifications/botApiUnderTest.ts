import { fastify } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

/** How a request goes wrong; what was asked for has been done where it is lost or never answered. */
export type Trouble =
  | { readonly code: number; readonly description: string; readonly retryAfter?: number }
  | 'LOST'
  | 'NEVER_ANSWERED'
  | 'NO_JSON'

export interface Sent {
  readonly chat: number | string
  readonly text: string
  /** Milliseconds on the clock of this process. */
  readonly at: number
}

const Params = z.object({ bot: z.string(), method: z.string() })
const SendMessage = z.object({
  chat_id: z.union([z.int(), z.string()]),
  text: z.string().min(1).max(4_096),
  parse_mode: z.undefined().optional(),
})
const GetUpdates = z.object({ offset: z.int().default(0), timeout: z.int().default(0) })

export const blocked = { code: 403, description: 'Forbidden: bot was blocked by the user' } as const
export const chatNotFound = { code: 400, description: 'Bad Request: chat not found' } as const
export const badToken = { code: 401, description: 'Unauthorized' } as const
export const tooMany = (retryAfter: number) => ({
  code: 429,
  description: `Too Many Requests: retry after ${retryAfter}`,
  retryAfter,
})

const TOKEN = '4242:a-token-for-tests'

/** As much of Telegram's Bot API as the service uses, on loopback, with the troubles that a test wants it to have. */
export const startBotApi = async (port = 0) => {
  const sent: Sent[] = []
  const tried: Sent[] = []
  const polls = new Set<() => void>()
  let updates: { readonly update_id: number }[] = []
  let acknowledged: { readonly update_id: number }[] = []
  let nextUpdate = 100
  let trouble: (chat: number | string, text: string) => Trouble | undefined = () => undefined
  let refusesToken = false
  const http = fastify({ forceCloseConnections: true })

  const refuse = (reply: FastifyReply, { code, description, retryAfter }: Exclude<Trouble, string>) =>
    reply.code(code).send({
      ok: false,
      error_code: code,
      description,
      ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
    })

  const sendMessage = (request: FastifyRequest, reply: FastifyReply) => {
    const { chat_id: chat, text } = SendMessage.parse(request.body)
    const message = { chat, text, at: performance.now() }
    tried.push(message)
    const wrong = trouble(chat, text)
    if (typeof wrong === 'object') return refuse(reply, wrong)
    sent.push(message)
    if (wrong === undefined) return reply.send({ ok: true, result: { message_id: sent.length } })
    if (wrong === 'NO_JSON') return reply.code(502).type('text/html').send('<h1>Bad Gateway</h1>')
    reply.hijack()
    if (wrong === 'LOST') request.raw.socket.destroy()
    return reply
  }

  const getUpdates = async (request: FastifyRequest, reply: FastifyReply) => {
    const { offset, timeout } = GetUpdates.parse(request.body ?? {})
    acknowledged = [...acknowledged, ...updates.filter(({ update_id: id }) => id < offset)]
    updates = updates.filter(({ update_id: id }) => id >= offset)
    if (updates.length === 0) {
      const news = Promise.withResolvers<void>()
      polls.add(news.resolve)
      const timer = setTimeout(news.resolve, timeout * 1_000)
      request.raw.socket.once('close', news.resolve)
      await news.promise
      clearTimeout(timer)
      polls.delete(news.resolve)
    }
    return reply.send({ ok: true, result: updates.slice(0, 100) })
  }

  http.post('/:bot/:method', (request, reply) => {
    const { bot, method } = Params.parse(request.params)
    if (refusesToken || bot !== `bot${TOKEN}`) return refuse(reply, badToken)
    switch (method) {
      case 'getMe':
        return reply.send({ ok: true, result: { id: 4_242, is_bot: true, username: 'counterfoil_bot' } })
      case 'deleteWebhook':
        return reply.send({ ok: true, result: true })
      case 'sendMessage':
        return sendMessage(request, reply)
      case 'getUpdates':
        return getUpdates(request, reply)
      default:
        return refuse(reply, { code: 404, description: 'Not Found' })
    }
  })

  const tell = (update: object, id = nextUpdate++) => {
    updates.push({ update_id: id, ...update })
    for (const wake of polls) wake()
  }
  const url = await http.listen({ host: '127.0.0.1', port })
  const chatOf = (id: number) => ({ id, type: id < 0 ? 'group' : 'private' })

  return {
    url,
    port: Number(new URL(url).port),
    token: TOKEN,
    /** What has arrived, in order; and what was tried, whatever came of it. */
    sent,
    tried,
    to: (chat: number | string) => sent.flatMap((each) => (each.chat === chat ? [each.text] : [])),

    /** From now on. */
    goesWrong: (how: typeof trouble) => {
      trouble = how
    },
    goesWell: () => {
      trouble = () => undefined
    },
    refuseToken: (so: boolean) => {
      refusesToken = so
    },

    /** Somebody writes in a chat. */
    hears: (chatId: number, text: string, language = 'en') =>
      tell({ message: { chat: chatOf(chatId), text, from: { id: chatId, language_code: language } } }),
    /** Somebody blocks the bot. */
    isBlockedIn: (chatId: number) =>
      tell({ my_chat_member: { chat: chatOf(chatId), new_chat_member: { status: 'kicked' } } }),
    /** Everything that it was told is done with comes again. */
    repeatItself: () => {
      updates = [...acknowledged, ...updates]
      for (const wake of polls) wake()
    },
    /** Updates that nobody has said to be done with. */
    pending: () => updates.length,

    stop: () => http.close(),
  }
}
export type BotApi = Awaited<ReturnType<typeof startBotApi>>
