// SPDX-License-Identifier: Apache-2.0

/// A carrier says that a stage has done its work, so only that stage may make one.
enum CarrierRule {
    static let makers: [(carrier: String, module: String)] = [
        ("Accepted", "HookIngest"), ("Verified", "HookVerify"), ("Routed", "HookRoute"), ("Prepared", "HookTransform"),
        ("Stored", "HookStore"), ("Settled", "HookDeliver"),
    ]
    /// A store in memory answers like the real one: the contract suite runs on both.
    static let exceptions = ["Sources/TestKit/HookTestKit/MemoryBooks.swift"]

    private static let patterns: [(carrier: String, module: String, pattern: Pattern)] = Self.makers.map {
        ($0.carrier, $0.module, Pattern(#"(?<![A-Za-z0-9_.])"# + $0.carrier + #"(\.init)?\("#))
    }

    static func findings(in file: SourceFile) -> [Finding] {
        if self.exceptions.contains(file.path) { return [] }
        return self.patterns.filter { $0.module != file.module }.flatMap { carrier, module, pattern in
            pattern.lines(of: file.swift.codeText, file.swift.code).map { index in
                Finding(
                    file, line: index + 1, "\(carrier)( outside \(module)",
                    "a value of this type proves that its stage has run; \(module) makes it, the others pass it on")
            }
        }
    }
}
