// SPDX-License-Identifier: Apache-2.0
// Nicolas Seriot's JSONTestSuite (github.com/nst/JSONTestSuite): what every parser must take and must refuse.
import HookCore
import Testing

@Suite struct JSONTestSuiteTests {
    private static let files: [(name: String, bytes: [UInt8])] = {
        guard let folder = PublicCorpora.folder("json-parsing/test_parsing"),
            let names = try? FileSystem.names(in: folder)
        else { return [] }
        return names.compactMap { name in
            (try? FileSystem.read("\(folder)/\(name)")).map { (name, $0) }
        }
    }()

    /// Duplicate keys are JSON, but not by this product's default.
    private static let duplicates: Set = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test func `what is JSON is accepted`() {
        for file in Self.files where file.name.hasPrefix("y_") {
            #expect(
                (try? JSONDocument(parsing: file.bytes, limits: JSONLimits(duplicateKeys: .last))) != nil,
                "\(file.name)")
            let isAccepted = (try? JSONDocument(parsing: file.bytes)) != nil
            #expect(isAccepted != Self.duplicates.contains(file.name), "\(file.name)")
        }
    }

    @Test func `what is no JSON is refused, at any depth allowed`() {
        for file in Self.files where file.name.hasPrefix("n_") {
            for depthMax in [64, 1_000_000] {
                for policy in [JSONLimits.DuplicateKeys.refuse, .last] {
                    let limits = JSONLimits(depthMax: depthMax, duplicateKeys: policy)
                    #expect(throws: JSONFailure.self, "\(file.name)") {
                        try JSONDocument(parsing: file.bytes, limits: limits)
                    }
                }
            }
        }
    }

    @Test func `what a parser may decide has an end`() {
        var accepted: [String] = []
        for file in Self.files where file.name.hasPrefix("i_") {
            if (try? JSONDocument(parsing: file.bytes, limits: JSONLimits(depthMax: 1000))) != nil {
                accepted.append(file.name)
            }
        }
        // Numbers of any size are text until someone asks for their value; everything else in doubt is refused:
        // broken UTF-8, half surrogates, UTF-16, a byte order mark.
        #expect(
            accepted.allSatisfy { $0.hasPrefix("i_number_") || $0 == "i_structure_500_nested_arrays.json" },
            "\(accepted)")
        if !Self.files.isEmpty { #expect(accepted.count == 11, "\(accepted)") }
    }
}
