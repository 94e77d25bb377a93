// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// `process_*` metrics with the names of the Prometheus client libraries, from /proc (proc(5)).
enum ProcessMetrics {
    static func text() -> String {
        var page = ""
        func add(_ name: String, _ kind: String, _ help: String, _ value: String) {
            page += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
        }
        var usage = rusage()
        if unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let seconds =
                Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
            add("process_cpu_seconds_total", "counter", "Processor time used.", "\(seconds)")
        }
        // Where /proc is not mounted the page goes without these.
        if let pages = (try? FileSystem.read("/proc/self/statm")).flatMap(Self.residentPages) {
            add(
                "process_resident_memory_bytes", "gauge", "Resident memory.",
                "\(pages * Int(sysconf(Int32(_SC_PAGESIZE))))")
        }
        if let names = try? FileSystem.names(in: "/proc/self/fd") {
            add("process_open_fds", "gauge", "Open file descriptors.", "\(names.count)")
        }
        return page
    }

    /// Second field of statm.
    private static func residentPages(_ bytes: [UInt8]) -> Int? {
        let fields = bytes.split(separator: 0x20)
        return fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
