import { describe, expect, it } from 'vitest'

import { commandOf } from './command-line.ts'

const run = (...args: string[]) => commandOf(args, {})

describe('the command line', () => {
  it('starts a node on the usual port, its data in memory, when it says nothing', async () => {
    expect(await run()).toEqual({
      kind: 'run',
      options: { port: 2113, host: '127.0.0.1', projections: true },
    })
  })

  it('names port, host, directory and what to leave out', async () => {
    expect(await run('--port', '0', '--host', '::1', '--db', 'data', '--no-projections')).toEqual({
      kind: 'run',
      options: { port: 0, host: '::1', db: 'data', projections: false },
    })
  })

  it('takes passwords from the environment, and rather from the arguments', async () => {
    const env = { EVENTSTORE_ADMIN_PASSWORD: 'one', EVENTSTORE_OPS_PASSWORD: 'two' }
    expect(await commandOf(['--auth', '--ops-password', 'three'], env)).toMatchObject({
      options: { auth: { adminPassword: 'one', opsPassword: 'three' } },
    })
  })

  it.each([
    [['--port', 'many'], '--port many is no port.'],
    [['--port', ''], 'is no port.'],
    [['--port', '70000'], '--port 70000 is no port.'],
    [['--db', ''], '--db needs the name of a directory.'],
    [['--db', 'data', '--in-memory'], 'exclude each other'],
    [['--verify'], '--verify needs --db.'],
    [['--admin-password', 'x'], 'Passwords mean nothing without --auth.'],
    [['--auth', '--admin-password', ''], 'A password can not be empty.'],
    [['--tls-cert', 'cert.pem'], 'belong together'],
    [['--tls-cert', '/no/such/cert', '--tls-key', '/no/such/key'], '/no/such/cert'],
    [['--unknown'], '--unknown'],
    [['loose'], 'loose'],
  ])('refuses %j', async (args, reason) => {
    await expect(run(...args)).rejects.toThrow(reason)
  })
})
