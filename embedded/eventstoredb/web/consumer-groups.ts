import type { GroupInfo } from '../codec/persistent-info.ts'
import { infoOf } from '../services/group-info.ts'
import { noSuchPage } from './problem.ts'
import type { WebNode } from './web-node.ts'

/** All that the pages want from consumer groups. */
export type ConsumerGroup = ReturnType<WebNode['groups']['all']>[number]
export type GroupConfig = ConsumerGroup['config']

export interface GroupAddress {
  readonly stream: string
  readonly group: string
}

export function groupAt({ groups }: WebNode, { stream, group }: GroupAddress): ConsumerGroup {
  const found = groups.get({ stream, group })
  if (found === undefined) throw noSuchPage(`There is no consumer group ${group} on ${stream}.`)
  return found
}

export const groupInfo = (group: ConsumerGroup): GroupInfo => infoOf(group)

export const parkedCount = (group: ConsumerGroup): number => groupInfo(group).parkedCount
