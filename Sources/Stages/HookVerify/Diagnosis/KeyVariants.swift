// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Keys that may have been used where the source names another, or decodes it in another way.
enum KeyVariants {
    /// Secrets of other sources that are tried.
    private static let othersMax = 64

    static func all(
        _ spec: SignatureSpec, _ secrets: [SignatureDiagnosis.Known], _ others: [SignatureDiagnosis.Known]
    ) -> [Variant<[UInt8]>] {
        var all: [Variant<[UInt8]>] = []
        var seen: Set<[UInt8]> = []
        func add(_ variant: Variant<[UInt8]>) {
            if !variant.value.isEmpty, seen.insert(variant.value).inserted { all.append(variant) }
        }
        let own = secrets.flatMap { secret in secret.values.enumerated().map { (secret.name, $0.offset, $0.element) } }
        for (name, place, value) in own {
            guard let key = KeyText.decode(value.reveal(), as: spec.keyDecoding) else { continue }
            add(
                place == 0
                    ? Variant(asSaid: key)
                    : Variant(
                        key, "old-secret", "it is signed with the previous value of \(name)",
                        hint: "the sender has not taken the new secret yet; it passes while \"previous\" is set"))
        }
        for (name, _, value) in own {
            for (key, how) in Self.readings(of: value.reveal(), besides: spec.keyDecoding) {
                add(
                    Variant(
                        key, "key-decoding",
                        "the key is the secret \(how), the source says key: \(spec.keyDecoding.rawValue)",
                        hint: how == Self.trimmedName
                            ? "remove the white space around the value of \(name)"
                            : "write the key: that the sender uses"))
            }
        }
        for other in others.prefix(Self.othersMax) {
            for value in other.values {
                let text = value.reveal()
                let keys =
                    [KeyText.decode(text, as: spec.keyDecoding)]
                    + Self.readings(of: text, besides: spec.keyDecoding).map(\.key)
                for key in keys.compactMap({ $0 }) {
                    add(
                        Variant(
                            key, "other-secret",
                            "it is signed with the secret \(other.name), which belongs to something else",
                            hint: "send it to the source of that secret, or name that secret here"))
                }
            }
        }
        return all
    }

    private static let trimmedName = "without the white space around it"

    private static func readings(
        of text: [UInt8], besides decoding: SignatureSpec.KeyDecoding
    ) -> [(key: [UInt8], how: String)] {
        var readings: [(key: [UInt8], how: String)] = []
        let isBlank = { (byte: UInt8) in byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x09 }
        let trimmed = Array(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        if trimmed != text, let key = KeyText.decode(trimmed, as: decoding) { readings.append((key, Self.trimmedName)) }
        readings.append((text, "as text, undecoded"))
        readings.append((text + [0x0A], "with a line break behind it"))
        if let prefix = ["whsec_", "whsk_", "whpk_"].first(where: { text.starts(with: $0.utf8) }) {
            readings.append((Array(text.dropFirst(prefix.utf8.count)), "without \(prefix) and undecoded"))
        }
        for other in SignatureSpec.KeyDecoding.allCases where other != decoding {
            guard let key = KeyText.decode(text, as: other) else { continue }
            switch other {
            case .utf8: break
            case .hex: readings.append((key, "decoded from hexadecimal"))
            case .base64: readings.append((key, "decoded from base 64"))
            case .whsec: readings.append((key, "decoded from base 64 behind whsec_"))
            }
        }
        return readings
    }
}
