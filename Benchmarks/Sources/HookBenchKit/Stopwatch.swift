// SPDX-License-Identifier: Apache-2.0
// Processor time of this process, so that what else runs on the machine counts as little as possible.
import Glibc

/// Measures processor time, not the time on the wall.
package enum Stopwatch {
    /// Processor time that this process has used, in seconds.
    package static var now: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds per call of `body`: the median of `runs`, each of at least `seconds`.
    ///
    /// The first run warms up and does not count.
    package static func perCall(runs: Int = 5, seconds: Double = 0.2, _ body: () -> Void) -> Double {
        var calls = 1
        while self.time(calls, body) < seconds / 8 { calls *= 2 }
        calls *= 8
        var samples: [Double] = []
        for _ in 0..<runs { samples.append(self.time(calls, body) / Double(calls)) }
        return samples.sorted()[runs / 2]
    }

    /// Seconds of `calls` calls.
    package static func time(_ calls: Int, _ body: () -> Void) -> Double {
        let began = self.now
        for _ in 0..<calls { body() }
        return self.now - began
    }

    /// Resident memory of this process in bytes; 0 where /proc has no answer.
    package static var residentBytes: Int {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe _ = fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&text, 128, file) != nil else { return 0 }
        let fields = unsafe String(cString: text).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }
}

/// One figure, as a line of JSON on stdout.
package struct Figure {
    package static func print(_ name: String, _ value: Double, _ unit: String) {
        Swift.print(#"{"name":"\#(name)","value":\#(value),"unit":"\#(unit)"}"#)
    }
}
