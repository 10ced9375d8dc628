import type { Access } from '../../security/access.ts'
import type { About } from './about.ts'

/** `/info`: what clients and the admin UI ask first. Open to all, as nobody can log in before. */
export function infoOf({ version, projections, isReady }: About, access: Access): unknown {
  return {
    esVersion: `${version}.0`,
    state: isReady() ? 'leader' : 'initializing',
    features: { projections, userManagement: access.enabled, atomPub: true },
    authentication: { type: access.enabled ? 'internal' : 'insecure', properties: {} },
  }
}

interface Option {
  readonly name: string
  readonly description: string
  readonly group: string
  readonly value: string
  readonly possibleValues: readonly string[]
}

/** `/info/options`: how the node was started, by the names that a real node has for it. */
export function optionsOf(about: About, access: Access): Option[] {
  const { member, db, secure, projections } = about
  const option = (group: string, name: string, value: string, description: string): Option => ({
    name,
    description,
    group,
    value,
    possibleValues: [],
  })
  const yes = (value: boolean): string => (value ? 'True' : 'False')
  return [
    option('Interface Options', 'NodeIp', member.host, 'The address that clients reach the node at.'),
    option('Interface Options', 'NodePort', String(member.port()), 'The port of gRPC and HTTP.'),
    option('Interface Options', 'EnableAtomPubOverHTTP', 'True', 'Streams are served over HTTP.'),
    option('Database Options', 'Db', db ?? '', 'The directory of the data.'),
    option('Database Options', 'MemDb', yes(db === undefined), 'The data goes with the node.'),
    option(
      'Projection Options',
      'RunProjections',
      projections ? 'System' : 'None',
      'Which projections there are.',
    ),
    option('Application Options', 'Insecure', yes(!access.enabled), 'Everyone may do everything.'),
    option('Certificate Options', 'Tls', yes(secure), 'The port takes TLS alone.'),
  ]
}
