/**
 * Loaded before the main module of every child process: when the process that started us is gone, however it
 * went, we stop as if asked to, and are gone for certain a while later.
 */
const END_DEADLINE = 15_000

const end = () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_DEADLINE).unref()
  process.kill(process.pid, 'SIGTERM')
}

if (process.connected && process.channel) {
  process.once('disconnect', end)
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref()
} else {
  end()
}
