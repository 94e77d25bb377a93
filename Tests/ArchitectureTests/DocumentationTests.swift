// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct DocumentationTests {
    static let pages = Repository.files.filter { $0.path.hasSuffix(".md") }

    @Test func `every link between our pages leads to a file and a heading`() {
        #expect(Self.pages.flatMap { DocumentationLinks.broken(in: $0) }.isEmpty)
    }

    @Test func `a link to nowhere is found`() {
        let page = SourceFile(
            path: "docs/a.md", text: "[x](nowhere.md) [y](../README.md#no-such-heading) [z](../README.md)")
        #expect(DocumentationLinks.broken(in: page).count == 2)
    }

    @Test func `a code is explained once`() {
        let codes = CodeRegistry.all.map(\.code)
        #expect(Set(codes).count == codes.count)
    }

    /// A code that is answered and that `hookswitch help` does not know leaves the reader alone.
    @Test func `every code that the product gives is explained`() {
        let known = Set(CodeRegistry.all.map(\.code))
        let areas = Set(known.compactMap { $0.split(separator: "/").first.map(String.init) })
        let given = Repository.product.filter { !$0.path.contains("/Diagnostics/") }.flatMap { file in
            DocumentationLinks.codes(in: file.text, areas: areas).map { "\($0) in \(file.path)" }
        }
        let unknown = given.filter { !known.contains(String($0.prefix { $0 != " " })) }
        #expect(unknown.isEmpty)
    }

    @Test func `every code stands in the reference`() throws {
        let page = try #require(Repository.text("docs/reference/errors.md"))
        let missing = CodeRegistry.all.map(\.code).filter { !page.contains("\n## \($0)\n") }
        #expect(missing.isEmpty, "run make docs")
    }

    @Test func `every metric is declared in one list and stands in the reference`() throws {
        let page = try #require(Repository.text("docs/reference/metrics.md"))
        let declared = Repository.product.flatMap { DocumentationLinks.metrics(in: $0.text) }
        #expect(Set(declared).count == declared.count)
        #expect(declared.count >= Metric.all.count)
        let missing = declared.filter { !page.contains("`hookswitch_\($0)`") }
        #expect(missing.isEmpty, "add them to Metric.all, run make docs")
        let shown = Repository.product.flatMap { DocumentationLinks.processMetrics(in: $0.text) }
        let unlisted = shown.filter { !page.contains("`\($0)`") }
        #expect(unlisted.isEmpty, "add them to Reference.swift, run make docs")
    }

    @Test func `decisions are numbered without a gap and say their status`() {
        let decisions = Self.pages.filter { $0.path.hasPrefix("docs/decisions/") }.sorted { $0.path < $1.path }
        let numbers = decisions.compactMap { Int($0.name.prefix(4)) }
        #expect(numbers == Array(1...decisions.count))
        for page in decisions {
            #expect(page.text.contains("\nStatus: "), "\(page.path)")
            for part in ["Context", "Decision", "Alternatives", "Consequences"] {
                #expect(page.text.contains("\n## \(part)\n"), "\(page.path) has no \(part)")
            }
        }
    }

    @Test func `every module has its line in the architecture`() throws {
        let page = try #require(Repository.text("docs/ARCHITECTURE.md"))
        let modules = ["Core", "Stages", "Surfaces"].flatMap { Repository.folders(in: "Sources/\($0)") }
        let missing = modules.filter { !page.contains("| `\($0)`") }
        #expect(missing.isEmpty)
    }

    @Test func `every package that the manifest names has its line in the dependencies`() throws {
        let page = try #require(Repository.text("docs/DEPENDENCIES.md"))
        let manifest = try #require(Repository.text("Package.swift"))
        let packages = DocumentationLinks.packages(in: manifest)
        #expect(packages.count > 4)
        let missing = packages.filter { !page.contains("| \($0) ") }
        #expect(missing.isEmpty)
    }
}
