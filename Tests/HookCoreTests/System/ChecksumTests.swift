// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct ChecksumTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let seed: UInt64
        let sum: UInt64
        var testDescription: String { "\(self.text.utf8.count) bytes, seed \(self.seed)" }
    }

    /// From the test programs of xxHash and of its Python binding.
    static let cases: [Case] = [
        Case(text: "", seed: 0, sum: 0xEF46_DB37_51D8_E999),
        Case(text: "", seed: 2_654_435_761, sum: 0xAC75_FDA2_929B_17EF),
        Case(text: "a", seed: 0, sum: 0xD24E_C4F1_A98C_6E5B),
        Case(text: "abc", seed: 0, sum: 0x44BC_2CF5_AD77_0999),
        Case(text: "Nobody inspects the spammish repetition", seed: 0, sum: 0xFBCE_A83C_8A37_8BF1),
    ]

    @Test(arguments: cases)
    func `published sums come out`(example: Case) {
        #expect(Checksum.xxh64(Array(example.text.utf8), seed: example.seed) == example.sum)
    }

    /// The sanity check of xxHash: bytes from a generator, lengths around each branch.
    @Test(
        arguments: zip(
            [1, 14, 222],
            [0xE934_A84A_DB05_2768, 0x8282_DCC4_994E_35C8, 0xB641_AE8C_B691_C174] as [UInt64]))
    func `the sanity buffer of the reference comes out`(length: Int, sum: UInt64) {
        var generator: UInt64 = 2_654_435_761
        let bytes = (0..<length).map { _ in
            let byte = UInt8(generator >> 56)
            generator = generator &* 11_400_714_785_074_694_797
            return byte
        }
        #expect(Checksum.xxh64(bytes) == sum)
    }
}
