import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../service/logger.ts'
import type { RunTelegramObserver } from './runTelegram.ts'

/** Puts what becomes of messages into metrics and logs. Who they are for is not said there. */
export const watchNotifications = (registry: Registry, log: Logger): RunTelegramObserver => {
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `notifications_${name}_total`, help, labelNames, registers: [registry] })
  const sent = counter('sent', 'Messages that Telegram has taken.', 'audience')
  const postponed = counter('postponed', 'Tries that sent nothing, and are made again.', 'audience', 'reason')
  const failed = counter('failed', 'Messages that will never be sent.', 'audience', 'reason')
  const unknown = counter('unknown', 'Messages of which nobody knows whether they were sent.', 'audience')
  const waiting = new Gauge({
    name: 'notifications_waiting',
    help: 'Messages on their way; 10,000 stands for any more.',
    labelNames: ['audience'],
    registers: [registry],
  })
  const leads = new Gauge({
    name: 'notifications_leads',
    help: '1 while this process speaks with Telegram.',
    registers: [registry],
  })

  return {
    sent: (audience) => sent.inc({ audience }),
    postponed: (audience, reason, why) => {
      postponed.inc({ audience, reason })
      log.warn({ audience, reason, why }, 'a message has to wait')
    },
    notDelivered: (audience, reason) => {
      failed.inc({ audience, reason })
      const level = audience === 'SHOP' ? 'error' : 'info'
      log[level]({ audience, reason }, 'a message will not be sent')
    },
    unknown: (audience, why) => {
      unknown.inc({ audience })
      log.warn({ audience, why }, 'nobody knows whether a message was sent; it is not sent again')
    },
    waiting: (audience, count) => waiting.set({ audience }, count),
    failed: (orderId, fault) => log.warn({ err: fault, orderId }, 'a message does not get on'),
    blind: (fault) => log.warn({ err: fault }, 'due messages can’t be found'),
    deaf: (fault) => log.warn({ err: fault }, 'what people say to the bot can’t be heard'),
    mute: (why) => log.warn({ why }, 'somebody was not answered'),
    unsure: (fault) => log.warn({ err: fault }, 'the lease of Telegram can’t be taken or kept'),
    leads: (so) => leads.set(so ? 1 : 0),
  }
}
