import { close, constants, ftruncate, fstat, open, readSync, writev } from 'node:fs'
import { mkdir, open as openHandle, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Files, StoreFile } from './store-file.ts'

const openFile = promisify(open)
const closeFile = promisify(close)
const truncateFile = promisify(ftruncate)
const statFile = promisify(fstat)

const { O_CREAT, O_EXCL, O_RDWR, O_DSYNC } = constants

/**
 * Files on disk. They are opened so that a write returns when its bytes are on disk: one call to the system
 * instead of a write and a flush. Names are made durable too, by flushing the directory that has them.
 */
export class DiskFiles implements Files {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async at(path: string): Promise<DiskFiles> {
    await mkdir(path, { recursive: true })
    return new DiskFiles(path)
  }

  names(): Promise<string[]> {
    return readdir(this.path)
  }

  async create(name: string): Promise<StoreFile> {
    const file = await DiskFile.open(join(this.path, name), O_CREAT | O_EXCL)
    await this.#flushNames()
    return file
  }

  open(name: string): Promise<StoreFile> {
    return DiskFile.open(join(this.path, name), 0)
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.path, from), join(this.path, to))
    await this.#flushNames()
  }

  remove(name: string): Promise<void> {
    return unlink(join(this.path, name))
  }

  async folder(name: string): Promise<Files> {
    const folder = await DiskFiles.at(join(this.path, name))
    await this.#flushNames()
    return folder
  }

  async #flushNames(): Promise<void> {
    const directory = await openHandle(this.path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}

class DiskFile implements StoreFile {
  readonly path: string
  readonly #fd: number
  #size: number

  private constructor(path: string, fd: number, size: number) {
    this.path = path
    this.#fd = fd
    this.#size = size
  }

  static async open(path: string, flags: number): Promise<DiskFile> {
    const fd = await openFile(path, O_RDWR | O_DSYNC | flags, 0o644)
    const { size } = await statFile(fd)
    return new DiskFile(path, fd, size)
  }

  get size(): number {
    return this.#size
  }

  async append(parts: readonly Buffer[]): Promise<void> {
    let rest = parts
    while (rest.length > 0) {
      const written = await this.#write(rest)
      this.#size += written
      rest = after(rest, written)
    }
  }

  #write(parts: readonly Buffer[]): Promise<number> {
    return new Promise((resolve, reject) => {
      writev(this.#fd, parts, this.#size, (error, written) => {
        if (error === null) resolve(written)
        else reject(error)
      })
    })
  }

  read(offset: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.#size - offset))
    // Not from the pool: what is kept of it, in a cache say, must not keep others' memory too.
    const bytes = Buffer.allocUnsafeSlow(wanted)
    let count = 0
    while (count < wanted) {
      const got = readSync(this.#fd, bytes, count, wanted - count, offset + count)
      if (got === 0) break
      count += got
    }
    return bytes.subarray(0, count)
  }

  async truncate(size: number): Promise<void> {
    await truncateFile(this.#fd, size)
    this.#size = size
  }

  close(): Promise<void> {
    return closeFile(this.#fd)
  }
}

/** What is left of the parts when so many bytes of them are written. */
function after(parts: readonly Buffer[], written: number): readonly Buffer[] {
  let count = written
  for (const [index, part] of parts.entries()) {
    if (count < part.length) return [part.subarray(count), ...parts.slice(index + 1)]
    count -= part.length
  }
  return []
}
