import { followLive } from './follow.js'
import { useShortcuts } from './shortcuts.js'
import { showLocalTimes } from './times.js'

showLocalTimes(document)
followLive()
useShortcuts()
