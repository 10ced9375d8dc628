import type { NodeContext } from '../../services/context.ts'
import type { About } from './about.ts'

/** `/gossip`: a cluster of one, which leads and follows nobody. */
export function gossipOf({ log }: Pick<NodeContext, 'log'>, { member, now, isReady }: About): unknown {
  const address = { ip: member.host, port: member.port() }
  const ready = isReady()
  return {
    members: [
      {
        instanceId: member.instanceId,
        timeStamp: new Date(now()).toISOString(),
        state: ready ? 'Leader' : 'Initializing',
        isAlive: ready,
        internalTcpIp: address.ip,
        internalTcpPort: 0,
        internalSecureTcpPort: 0,
        externalTcpIp: address.ip,
        externalTcpPort: 0,
        externalSecureTcpPort: 0,
        internalHttpEndPointIp: address.ip,
        internalHttpEndPointPort: address.port,
        httpEndPointIp: address.ip,
        httpEndPointPort: address.port,
        lastCommitPosition: log.lastPosition,
        writerCheckpoint: log.visibleEnd,
        chaserCheckpoint: log.visibleEnd,
        epochPosition: 0,
        epochNumber: 0,
        epochId: member.instanceId,
        nodePriority: 0,
        isReadOnlyReplica: false,
      },
    ],
    serverIp: address.ip,
    serverPort: address.port,
  }
}
