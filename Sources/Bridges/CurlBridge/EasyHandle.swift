// SPDX-License-Identifier: Apache-2.0
// One libcurl easy handle with the state of its present transfer. Owned by CurlLoop, touched on its thread only.
import CCurl

/// The one easy handle of one transfer at a time; kept and used again, because making one costs more than a request.
///
/// - Isolation: the curl thread alone. Not Sendable.
/// - Ownership: the handle, the header list and the error buffer are freed in `deinit`; the handle must then be in no
///   multi handle.
@safe final class EasyHandle {
    private static let headerBytesMax = 64 * 1024

    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    private(set) var id: UInt64 = 0
    fileprivate var addresses = AddressPolicy.any
    fileprivate var refusedAddress = false
    private var bytesMax = 0
    private var bytesKept = 0
    private var bytesSeen = 0
    private var headerBytesSeen = 0
    private var isTooLarge = false
    private var stream: (@Sendable ([UInt8]) -> Bool)?
    private var body: [UInt8] = []
    private var retryAfter: String?

    /// Nil where libcurl has no memory for one.
    init?() {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        unsafe self.pointer = pointer
        unsafe self.errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe self.errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        do throws(CurlError) { try self.setConstants() } catch { return nil }
    }

    deinit {
        unsafe curl_easy_cleanup(self.pointer)
        unsafe curl_slist_free_all(self.headerList)
        unsafe self.errorText.deallocate()
    }
}

// MARK: - Options

extension EasyHandle {
    /// What is the same for every request that ever leaves.
    private func setConstants() throws(CurlError) {
        unsafe try self.check(hs_easy_set_pointer(self.pointer, CURLOPT_ERRORBUFFER, self.errorText), "ERRORBUFFER")
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
        ] {
            unsafe try self.check(hs_easy_set_pointer(self.pointer, option, context), "context")
        }
        unsafe try self.check(
            hs_easy_set_bytes_callback(self.pointer, CURLOPT_WRITEFUNCTION, takeBody), "WRITEFUNCTION")
        unsafe try self.check(
            hs_easy_set_bytes_callback(self.pointer, CURLOPT_HEADERFUNCTION, takeHeader), "HEADERFUNCTION")
        unsafe try self.check(hs_easy_set_open_socket(self.pointer, openSocket), "OPENSOCKETFUNCTION")
        unsafe try self.check(hs_easy_set_before_request(self.pointer, beforeRequest), "PREREQFUNCTION")
        // libcurl was built with two dozen protocols; a destination may use two of them, and no redirect leads
        // elsewhere.
        try self.set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        try self.set(CURLOPT_REDIR_PROTOCOLS_STR, text: "http,https")
        try self.set(CURLOPT_FOLLOWLOCATION, 0)
        try self.set(CURLOPT_MAXREDIRS, 0)
        // Empty, not unset: unset, the environment's proxy variables would count.
        try self.set(CURLOPT_PROXY, text: "")
        try self.set(CURLOPT_NOPROXY, text: "*")
        try self.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try self.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // Time-outs of look-ups by signal would hit any thread.
        try self.set(CURLOPT_NOSIGNAL, 1)
        // Without this, the end of a transfer joins its look-up thread: one slow name server would stop every transfer.
        try self.set(CURLOPT_QUICK_EXIT, 1)
        // Cleartext HTTP/2 fails on reused connections in 7.88.1 (error 16).
        try self.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try self.set(CURLOPT_HTTP09_ALLOWED, 0)
        try self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // The path was rendered and perhaps signed; nothing may fold its dots afterwards.
        try self.set(CURLOPT_PATH_AS_IS, 1)
    }

    /// Makes the handle ready for one request.
    func prepare(_ request: CurlRequest) throws(CurlError) {
        self.id = request.id
        self.addresses = request.addresses
        self.refusedAddress = false
        self.bytesMax = request.responseBytesMax
        self.bytesKept = request.responseBytesKept
        (self.bytesSeen, self.headerBytesSeen, self.isTooLarge) = (0, 0, false)
        self.body = []
        self.stream = request.stream
        self.retryAfter = nil
        unsafe self.errorText.pointee = 0
        try self.set(CURLOPT_LOW_SPEED_LIMIT, request.stream == nil ? 0 : 1)
        try self.set(CURLOPT_LOW_SPEED_TIME, request.stream == nil ? 0 : CurlRequest.silenceMax)
        try self.set(CURLOPT_URL, text: request.url)
        try self.setMethod(request)
        try self.setHeaders(request.headers)
        // Zero would mean "no limit", so a limit below a millisecond becomes one.
        try self.set(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
        try self.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        try self.set(CURLOPT_SSL_VERIFYPEER, request.verifiesTLS ? 1 : 0)
        try self.set(CURLOPT_SSL_VERIFYHOST, request.verifiesTLS ? 2 : 0)
    }

    private func setMethod(_ request: CurlRequest) throws(CurlError) {
        guard request.method.utf8.allSatisfy(isTokenByte), !request.method.isEmpty else {
            throw CurlError(.config, message: "the method is no token")
        }
        try self.set(CURLOPT_NOBODY, 0)
        unsafe try self.check(hs_easy_set_text(self.pointer, CURLOPT_CUSTOMREQUEST, nil), "CUSTOMREQUEST")
        switch (request.method, request.body.isEmpty) {
        case ("GET", true):
            try self.set(CURLOPT_HTTPGET, 1)
        case ("HEAD", _):
            try self.set(CURLOPT_NOBODY, 1)
        default:
            try self.set(CURLOPT_POST, 1)
            let code = unsafe request.body.withUnsafeBytes { bytes in
                // A null body would make libcurl read from stdin, so an empty one points somewhere.
                unsafe hs_easy_set_body(
                    self.pointer, bytes.baseAddress ?? UnsafeRawPointer(self.errorText), bytes.count)
            }
            try self.check(code, "COPYPOSTFIELDS")
            if request.method != "POST" { try self.set(CURLOPT_CUSTOMREQUEST, text: request.method) }
        }
    }

    private func setHeaders(_ headers: [(name: String, value: String)]) throws(CurlError) {
        var list: UnsafeMutablePointer<curl_slist>?
        // libcurl adds these two by itself; a line without a value takes them away again.
        var lines = ["Expect:"]
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
                throw CurlError(.config, message: "a header name is no token")
            }
            guard value.utf8.allSatisfy({ $0 != 0 && $0 != 0x0A && $0 != 0x0D }) else {
                throw CurlError(.config, message: "the value of header \(name) holds CR, LF or NUL")
            }
            // `Name;` is libcurl's spelling of a header with an empty value.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                throw CurlError(.connect, message: "no memory for the header")
            }
            unsafe list = longer
        }
        let old = unsafe self.headerList
        unsafe self.headerList = list
        let code = unsafe hs_easy_set_list(self.pointer, CURLOPT_HTTPHEADER, list)
        unsafe curl_slist_free_all(old)
        try self.check(code, "HTTPHEADER")
    }

    private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        unsafe try self.check(hs_easy_set_long(self.pointer, option, value), "option \(option.rawValue)")
    }

    private func set(_ option: CURLoption, text: String) throws(CurlError) {
        unsafe try self.check(hs_easy_set_text(self.pointer, option, text), "option \(option.rawValue)")
    }

    private func check(_ code: CURLcode, _ step: @autoclosure () -> String) throws(CurlError) {
        guard code != CURLE_OK else { return }
        throw CurlError(.config, code: Int(code.rawValue), message: "libcurl refused \(step())")
    }
}

// MARK: - Result

extension EasyHandle {
    /// Reads the result of the finished transfer and lets go of its body.
    func finish(_ code: CURLcode) -> CurlResult {
        let status = self.number(CURLINFO_RESPONSE_CODE)
        let address = self.text(CURLINFO_PRIMARY_IP)
        let error = self.error(code, address: address)
        let body = self.body
        self.body = []
        self.stream = nil
        return CurlResult(
            id: self.id, status: status == 0 ? nil : status, retryAfter: self.retryAfter, body: body, error: error,
            took: .microseconds(self.offset(CURLINFO_TOTAL_TIME_T)), address: address,
            connectionsOpened: self.number(CURLINFO_NUM_CONNECTS))
    }

    private func error(_ code: CURLcode, address: String) -> CurlError? {
        guard code != CURLE_OK else { return nil }
        let own = unsafe String(cString: self.errorText)
        let text = own.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : own
        let cause: CurlError.Class
        switch code {
        case CURLE_WRITE_ERROR where self.isTooLarge: cause = .tooLarge
        case CURLE_COULDNT_CONNECT where self.refusedAddress, CURLE_ABORTED_BY_CALLBACK where self.refusedAddress:
            return CurlError(.egress, code: Int(code.rawValue), message: "the destination's address is not allowed")
        // One code for a scheme that is not allowed and for an answer without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL: cause = address.isEmpty ? .egress : .protocol
        default: cause = CurlError.Class(code)
        }
        return CurlError(cause, code: Int(code.rawValue), message: text)
    }

    private func number(_ key: CURLINFO) -> Int {
        var value = 0
        return unsafe hs_easy_get_long(self.pointer, key, &value) == CURLE_OK ? value : 0
    }

    private func offset(_ key: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return unsafe hs_easy_get_offset(self.pointer, key, &value) == CURLE_OK ? Int64(value) : 0
    }

    private func text(_ key: CURLINFO) -> String {
        var value: UnsafePointer<CChar>?
        guard unsafe hs_easy_get_text(self.pointer, key, &value) == CURLE_OK, let value = unsafe value else {
            return ""
        }
        return unsafe String(cString: value)
    }
}

// MARK: - Callbacks

extension EasyHandle {
    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
        // An answer that is no success is a problem document, which the caller wants whole.
        if let stream, (200...299).contains(self.number(CURLINFO_RESPONSE_CODE)) {
            return unsafe stream(Array(bytes)) ? bytes.count : 0
        }
        self.bytesSeen += bytes.count
        let room = self.bytesKept - self.body.count
        if room > 0 { unsafe self.body.append(contentsOf: bytes.prefix(room)) }
        guard self.bytesSeen > self.bytesMax else { return bytes.count }
        self.isTooLarge = true
        return 0
    }

    fileprivate func take(headerLine bytes: UnsafeRawBufferPointer) -> Int {
        self.headerBytesSeen += bytes.count
        guard self.headerBytesSeen <= Self.headerBytesMax else {
            self.isTooLarge = true
            return 0
        }
        // An interim answer (103) may come first; only the last header counts.
        if unsafe bytes.starts(with: "HTTP/".utf8) { self.retryAfter = nil }
        let name = "retry-after:".utf8
        guard bytes.count > name.count, unsafe zip(bytes, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
            return bytes.count
        }
        let value = unsafe bytes.dropFirst(name.count).filter { $0 >= 0x20 && $0 < 0x7F }.drop { $0 == 0x20 }
        self.retryAfter = String(decoding: value, as: UTF8.self)
        return bytes.count
    }
}

private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
    let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return unsafe handle.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
    let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return unsafe handle.take(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address else { return hs_socket_bad }
    let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe Int(hs_address_bytes(address, &bytes))
    guard let peer = PeerAddress(bytes: bytes.prefix(count)), handle.addresses.allows(peer) else {
        handle.refusedAddress = true
        return hs_socket_bad
    }
    return unsafe hs_open_socket(address)
}

/// Runs before a request goes out on a new or a reused connection. The reused one may have been opened under a laxer
/// policy.
private func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32
) -> Int32 {
    guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
    let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    if handle.addresses == .any { return CURL_PREREQFUNC_OK }
    guard let peer = unsafe peer, let address = unsafe PeerAddress(text: String(cString: peer)),
        handle.addresses.allows(address)
    else {
        handle.refusedAddress = true
        return CURL_PREREQFUNC_ABORT
    }
    return CURL_PREREQFUNC_OK
}
