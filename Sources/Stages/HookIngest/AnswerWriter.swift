// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore

/// Writes answers as HTTP/1.1 bytes.
enum AnswerWriter {
    static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    struct Frame {
        /// The date of the answer, already as text.
        var date: String
        var closes: Bool
        /// An HTTP/1.0 client must be told that the connection stays.
        var isOldVersion: Bool
        /// HEAD: everything but the body.
        var omitsBody: Bool
        /// Empty: none.
        var requestID: [UInt8]
    }

    /// HOT: appends one answer.
    static func write(_ answer: IngestAnswer, _ frame: Frame, to buffer: inout ByteBuffer) {
        switch answer.status {
        case 202: buffer.writeStaticString("HTTP/1.1 202 Accepted\r\n")
        case 200: buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        default: buffer.writeString("HTTP/1.1 \(answer.status) \(StatusText.phrase(answer.status))\r\n")
        }
        if !answer.contentType.isEmpty {
            buffer.writeStaticString("content-type: ")
            buffer.writeString(answer.contentType)
            buffer.writeStaticString("\r\n")
        }
        // RFC 9110, section 8.6: no length in 204.
        if answer.status != 204 {
            buffer.writeStaticString("content-length: ")
            self.write(number: answer.body.count, to: &buffer)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("date: ")
        buffer.writeString(frame.date)
        buffer.writeStaticString("\r\n")
        for (name, value) in answer.headers {
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
        if !frame.requestID.isEmpty {
            buffer.writeStaticString("x-request-id: ")
            buffer.writeBytes(frame.requestID)
            buffer.writeStaticString("\r\n")
        }
        if frame.closes {
            buffer.writeStaticString("connection: close\r\n")
        } else if frame.isOldVersion {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
        if !frame.omitsBody { buffer.writeBytes(answer.body) }
    }

    private static func write(number: Int, to buffer: inout ByteBuffer) {
        if number < 10 {
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(number))
        } else if number < 100 {
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(number / 10))
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
        } else {
            buffer.writeString("\(number)")
        }
    }
}
