// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct TextTests {
    @Test func `every file says its licence in the first line`() {
        #expect(Repository.files.flatMap(TextRule.licenceFindings).isEmpty)
    }

    @Test func `the licence is Apache 2.0`() throws {
        let text = try #require(Repository.text("LICENSE"))
        #expect(text.contains("Apache License") && text.contains("Version 2.0, January 2004"))
    }

    @Test func `no file knows a machine or speaks of what is no part of the product`() {
        #expect(Repository.files.flatMap(TextRule.wordFindings).isEmpty)
    }

    @Test(arguments: [
        ("Sources/A.swift", "// SPDX-License-Identifier: Apache-2.0\nlet a = 1", 0),
        ("Sources/A.swift", "let a = 1\n// SPDX-License-Identifier: Apache-2.0", 1),
        ("Sources/a.c", "/* SPDX-License-Identifier: Apache-2.0 */\nint a;", 0),
        ("Sources/a.h", "int a;", 1),
        ("dev/run", "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\ntrue", 0),
        ("dev/run", "#!/usr/bin/env bash\ntrue", 1),
        ("docs/a.md", "# A", 0),
        ("Package.swift", "// swift-tools-version: 6.2", 0),
    ])
    func findsLicence(_ path: String, _ text: String, _ expected: Int) {
        #expect(TextRule.licenceFindings(in: SourceFile(path: path, text: text)).count == expected)
    }

    @Test(arguments: [
        ("see /home/ann/project", 1), ("cd /Users/ann/main", 1), ("run it in $HOME/project", 0), ("`a/home/b`", 0),
        ("the agent wrote it", 1), ("two helpers", 1), ("Sessions are kept", 1), ("User-Agent: curl", 0),
        ("user_agent", 0), ("agents", 1),
    ])
    func findsWords(_ text: String, _ expected: Int) {
        #expect(TextRule.wordFindings(in: SourceFile(path: "docs/a.md", text: text)).count == expected)
    }
}
