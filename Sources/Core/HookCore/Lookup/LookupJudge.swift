// SPDX-License-Identifier: Apache-2.0

/// What an HTTP answer means for a look-up.
package enum LookupJudge {
    /// Bytes of an answer; more are refused.
    package static let bytesMax = 1024 * 1024
    /// Longest time for which "there is no such thing" is believed.
    package static let missingCacheMax: Duration = .seconds(30)
    /// Tries under `on_error: retry`.
    package static let triesMax = 8

    /// The wait before try `number` (from 1): 5 s, 15 s, 45 s, … up to 20 min; about an hour in all.
    package static func delay(before number: Int) -> Duration {
        var seconds = 5
        for _ in 1..<max(number, 1) where seconds < 1200 { seconds *= 3 }
        return .seconds(min(seconds, 1200))
    }

    package static func answer(status: Int, body: [UInt8]) -> LookupAnswer {
        switch status {
        case 200...299:
            do throws(JSONFailure) {
                let document = try JSONDocument(parsing: body)
                return .found(Array(document.text(of: 0)))
            } catch {
                let message = "the answer is no JSON: at byte \(error.offset) \(error.reason.rawValue)"
                return .failed(LookupFailure(code: "enrich/not-json", message: message, isTransient: false))
            }
        case 404, 410: return .missing
        case 408, 425, 429, 500...599: return self.unavailable("it was answered \(status)")
        default:
            return .failed(
                LookupFailure(code: "enrich/refused", message: "it was answered \(status)", isTransient: false))
        }
    }

    package static func unavailable(_ message: String) -> LookupAnswer {
        .failed(LookupFailure(code: "enrich/unavailable", message: message, isTransient: true))
    }
}
