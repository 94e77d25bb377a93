// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// A text in a request that could be the signature, however it is named and written.
struct SignatureCandidate: Sendable {
    /// The header, in lower case.
    let header: String
    /// As it is written, prefix included.
    let text: String
    /// What stands before it in the header: `sha256=`, `v1,`.
    let prefix: String
    let encoding: SignatureSpec.Encoding
    let bytes: [UInt8]
}

enum SignatureCandidates {
    private static let headersMax = 200
    private static let piecesMax = 64

    /// Everything in any header that decodes to as many bytes as some signature has.
    static func all(in headers: HeaderBlock) -> [SignatureCandidate] {
        var found: [SignatureCandidate] = []
        for field in headers.fields.prefix(Self.headersMax) {
            let name = String(decoding: headers.bytes[field.name], as: UTF8.self).lowercased()
            let value = String(decoding: headers.bytes[field.value], as: UTF8.self)
            for piece in Self.pieces(of: value).prefix(Self.piecesMax) {
                for encoding in SignatureSpec.Encoding.allCases {
                    guard let bytes = Self.decode(piece.text, encoding), Self.lengths.contains(bytes.count) else {
                        continue
                    }
                    // Hexadecimal digits are base 64 as well; what they mean is plain.
                    if encoding != .hex, Hex.decode(Array(piece.text.utf8)) != nil { continue }
                    if encoding == .base64url, Base64.decode(Array(piece.text.utf8)) != nil { continue }
                    found.append(
                        SignatureCandidate(
                            header: name, text: piece.prefix + piece.text, prefix: piece.prefix, encoding: encoding,
                            bytes: bytes))
                }
            }
        }
        return found
    }

    private static let lengths = Set(SignatureSpec.Algorithm.allCases.map(\.length))

    private static func decode(_ text: String, _ encoding: SignatureSpec.Encoding) -> [UInt8]? {
        switch encoding {
        case .hex: Hex.decode(Array(text.utf8))
        case .base64: Base64.decode(Array(text.utf8))
        case .base64url: Base64.decode(Array(text.utf8), .url)
        }
    }

    /// The whole value, and the parts between `, ; ` and blanks; each with and without what stands before `=` or `,`.
    private static func pieces(of value: String) -> [(prefix: String, text: String)] {
        var pieces: [(prefix: String, text: String)] = [("", value)]
        for separators in [",", ";", " ", ",; "] {
            for part in value.split(whereSeparator: { separators.contains($0) }) {
                let text = String(part.drop { $0 == " " })
                pieces.append(("", text))
                for joiner in ["=", ",", ":"] {
                    guard let middle = text.firstIndex(of: Character(joiner)), middle != text.startIndex else {
                        continue
                    }
                    let rest = String(text[text.index(after: middle)...])
                    // The padding of base 64 is no joiner.
                    if !rest.isEmpty, !rest.allSatisfy({ $0 == "=" }) { pieces.append((String(text[...middle]), rest)) }
                }
            }
        }
        var seen: Set<String> = []
        return pieces.filter { seen.insert("\($0.prefix)\u{0}\($0.text)").inserted }
    }
}
