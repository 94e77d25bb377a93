// SPDX-License-Identifier: Apache-2.0
// libcurl alone against a sink: what stage 6 could reach if it did nothing else.
// Usage: curl-drive URL CONCURRENCY SECONDS BODY-BYTES
import CurlBridge
import Glibc
import Synchronization

guard CommandLine.arguments.count == 5, let concurrency = Int(CommandLine.arguments[2]),
    let seconds = Double(CommandLine.arguments[3]), let bodyBytes = Int(CommandLine.arguments[4])
else {
    print("usage: curl-drive URL CONCURRENCY SECONDS BODY-BYTES")
    exit(64)
}
let url = CommandLine.arguments[1]

func clock(_ kind: clockid_t) -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(kind, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Keeps as many requests under way as asked for, until the time is over.
final class Drive: Sendable {
    private let done = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let client = Mutex<CurlClient?>(nil)
    private let request: CurlRequest

    init(url: String, bodyBytes: Int) {
        let headers = [
            ("content-type", "application/json"), ("user-agent", "hookswitch/bench"),
            ("webhook-id", "dlv_00000000000000000000000000"), ("webhook-timestamp", "1700000000"),
        ]
        self.request = CurlRequest(
            id: 0, method: "POST", url: url, headers: headers, body: [UInt8](repeating: 0x61, count: bodyBytes))
    }

    func start(_ concurrency: Int) {
        let client = CurlClient { results in self.take(results) }
        self.client.withLock { $0 = client }
        _ = client.submit([CurlRequest](repeating: self.request, count: concurrency))
    }

    private func take(_ results: [CurlResult]) {
        self.done.wrappingAdd(results.count, ordering: .relaxed)
        self.failed.wrappingAdd(results.filter { $0.status != 200 }.count, ordering: .relaxed)
        let next = [CurlRequest](repeating: self.request, count: results.count)
        _ = self.client.withLock { $0 }?.submit(next)
    }

    var counts: (done: Int, failed: Int) { (self.done.load(ordering: .relaxed), self.failed.load(ordering: .relaxed)) }
}

let drive = Drive(url: url, bodyBytes: bodyBytes)
drive.start(concurrency)
usleep(300_000)
let before = drive.counts
let (began, used) = (clock(CLOCK_MONOTONIC), clock(CLOCK_PROCESS_CPUTIME_ID))
usleep(useconds_t(seconds * 1e6))
let after = drive.counts
let (took, processor) = (clock(CLOCK_MONOTONIC) - began, clock(CLOCK_PROCESS_CPUTIME_ID) - used)
let count = Double(after.done - before.done)
print(#"{"rate":\#(count / took),"cpu_us":\#(processor / count * 1e6),"failed":\#(after.failed)}"#)
exit(after.failed == 0 ? 0 : 1)
