"""Time a caller's call: hot, in a row, or cold, with the caches flushed before each.

Between two requests a server reads sockets, the kernel runs, and other requests come in turn, so
that little of the app is left in the caches. Cold is nearer to that than hot.
"""

import time
from functools import partial
from pathlib import Path

clock = time.process_time
LEVEL_2 = Path("/sys/devices/system/cpu/cpu0/cache/index2/size")


def make_flush():
    """Make what fills a core's caches, up to the second level, with data of no use."""
    size = LEVEL_2.read_text().strip() if LEVEL_2.exists() else "1024K"
    return partial(bytes, bytearray(4 * int(size.removesuffix("K")) * 1024))


def cost_of_clock(flush, turns=200):
    """Return the CPU seconds of reading the clock after a flush, which are no call's own."""
    total = 0
    for _ in range(turns):
        flush()
        start = clock()
        total += clock() - start
    return total / turns


class Blocking:
    """Times `self.call`, a function."""

    def measure(self, times):
        """Return the CPU seconds of one call, over so many."""
        call, turns = self.call, range(times)
        start = clock()
        for _ in turns:
            call()
        return (clock() - start) / times

    def measure_cold(self, times):
        """Return the CPU seconds of one call with cold caches, over so many."""
        call, flush, total = self.call, make_flush(), 0
        for _ in range(times):
            flush()
            start = clock()
            call()
            total += clock() - start
        return total / times - cost_of_clock(flush)


class OnLoop:
    """Times `self.call`, a coroutine function, on `self.loop`; threads of the process count."""

    def measure(self, times):
        """Return the CPU seconds of one call, over so many."""
        call, turns = self.call, range(times)

        async def run():
            start = clock()
            for _ in turns:
                await call()
            return (clock() - start) / times

        return self.loop.run_until_complete(run())

    def measure_cold(self, times):
        """Return the CPU seconds of one call with cold caches, over so many."""
        call, flush = self.call, make_flush()

        async def run():
            total = 0
            for _ in range(times):
                flush()
                start = clock()
                await call()
                total += clock() - start
            return total / times

        return self.loop.run_until_complete(run()) - cost_of_clock(flush)
