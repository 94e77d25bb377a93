// SPDX-License-Identifier: Apache-2.0
// The multi handle and everything that lives on the curl thread.
import CCurl

/// One multi handle with its transfers. Made, used and ended on the curl thread.
///
/// - Isolation: the curl thread alone, save ``MultiHandle/wake()``.
@safe final class CurlLoop {
    let multi: MultiHandle
    private var active: [UInt: EasyHandle] = [:]
    private var idle: [EasyHandle] = []
    /// Handles kept for the next request; more than the usual concurrency would be memory for nothing.
    private static let idleMax = 1024

    init?(connectionsKept: Int) {
        guard let multi = MultiHandle(connectionsKept: connectionsKept) else { return nil }
        self.multi = multi
    }

    deinit {
        for handle in self.active.values { _ = unsafe curl_multi_remove_handle(self.multi.pointer, handle.pointer) }
    }

    var isEmpty: Bool { self.active.isEmpty }

    /// Begins a request; a result at once where it cannot begin.
    func begin(_ request: CurlRequest) -> CurlResult? {
        guard let handle = self.idle.popLast() ?? EasyHandle() else {
            return CurlResult(failing: request.id, CurlError(.connect, message: "no memory for a transfer"))
        }
        do throws(CurlError) {
            try handle.prepare(request)
        } catch {
            self.idle.append(handle)
            return CurlResult(failing: request.id, error)
        }
        let code = unsafe curl_multi_add_handle(self.multi.pointer, handle.pointer)
        guard code == CURLM_OK else {
            return CurlResult(
                failing: request.id, CurlError(.connect, code: Int(code.rawValue), message: "libcurl took no transfer"))
        }
        unsafe self.active[UInt(bitPattern: handle.pointer)] = handle
        return nil
    }

    /// Does all work that is ready, and returns what has ended.
    func turn() -> [CurlResult] {
        var running: Int32 = 0
        let code = unsafe curl_multi_perform(self.multi.pointer, &running)
        // Only a misused handle fails here, and then every transfer would hang in silence.
        precondition(code == CURLM_OK, "curl_multi_perform: \(code.rawValue)")
        var results: [CurlResult] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(self.multi.pointer, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            // The message is void once its handle has been removed.
            let result = unsafe hs_message_result(message)
            guard let handle = self.active.removeValue(forKey: UInt(bitPattern: easy)) else { continue }
            unsafe curl_multi_remove_handle(self.multi.pointer, easy)
            results.append(handle.finish(result))
            if self.idle.count < Self.idleMax { self.idle.append(handle) }
        }
        return results
    }

    /// Sleeps until a socket or timer is ready or somebody wakes the handle.
    func sleep() {
        // A minute: libcurl shortens it to its own next timer.
        let code = unsafe curl_multi_poll(self.multi.pointer, nil, 0, 60_000, nil)
        precondition(code == CURLM_OK, "curl_multi_poll: \(code.rawValue)")
    }

    /// Ends every transfer that is still under way.
    func abort() -> [CurlResult] {
        defer { self.active = [:] }
        return self.active.values.map { handle in
            unsafe curl_multi_remove_handle(self.multi.pointer, handle.pointer)
            return CurlResult(failing: handle.id, .stopped)
        }
    }
}

/// Owns the CURLM.
///
/// SAFETY: all use is on the curl thread, except `curl_multi_wakeup`, which libcurl allows from any thread while the
/// handle lives; whoever wakes holds a reference to this object, and only `deinit` frees.
@safe final class MultiHandle: @unchecked Sendable {
    fileprivate let pointer: UnsafeMutableRawPointer

    /// The process-wide part of libcurl, made once; it is never taken down, since transfers may run until the end.
    private static let isReady: Bool = curl_global_init(hs_global_default) == CURLE_OK

    init?(connectionsKept: Int) {
        guard Self.isReady, let pointer = unsafe curl_multi_init() else { return nil }
        unsafe self.pointer = pointer
        guard unsafe hs_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, connectionsKept) == CURLM_OK else { return nil }
    }

    deinit { unsafe curl_multi_cleanup(self.pointer) }

    func wake() { unsafe curl_multi_wakeup(self.pointer) }
}

extension CurlResult {
    /// A result without an answer.
    init(failing id: UInt64, _ error: CurlError) {
        self.init(
            id: id, status: nil, retryAfter: nil, body: [], error: error, took: .zero, address: "", connectionsOpened: 0
        )
    }
}

extension CurlError {
    static let stopped = CurlError(.aborted, message: "the client was stopped")
}
