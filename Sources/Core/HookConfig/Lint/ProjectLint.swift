// SPDX-License-Identifier: Apache-2.0
// Checks that need the whole project. All but those of versions are warnings: a project without errors does what it
// says, but what it says may not be what was meant.

package import HookCore
internal import YAMLBridge

/// Lints a project that has been read.
package enum ProjectLint {
    /// - Complexity: linear in the size of the project; files are read again only where something is found.
    package static func findings(_ files: ProjectFiles, _ loaded: Loaded) -> [Diagnostic] {
        let bytes = Dictionary(files.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        let trees = SourceTrees(files: bytes)
        var findings: [Diagnostic] = []
        let report = { (finding: Diagnostic) in findings.append(finding) }
        let configuration = loaded.configuration
        let declared = loaded.declared
        SchemaLint(book: declared.catalogue, trees: trees, report: report).check(configuration.routes)
        SplitLint(book: declared.catalogue, trees: trees, report: report).check(configuration.routes)
        StepSchemaLint(book: declared.catalogue, trees: trees, report: report).check(configuration.routes)
        TemplateLint(book: declared.catalogue, trees: trees, report: report).check(configuration)
        let routes = RouteLint(trees: trees, report: report)
        routes.checkCases(of: configuration.routes)
        // A misspelt name leaves the right one unused, and what could not be read looks alike: no second problems.
        if !loaded.findings.hasErrors {
            VersionLint(configuration, files: bytes, trees: trees, report: report).check()
            routes.checkRepetitions(in: configuration.routes)
            routes.checkLists(of: configuration.routes)
            EmitLint(files: bytes, scripts: configuration.scripts, report: report).check(configuration.routes)
            UseLint(
                configuration: configuration, declared: declared, files: bytes, trees: trees, report: report
            ).check()
        }
        TimeLint(configuration: configuration, declared: declared, trees: trees, report: report).check()
        return findings
    }
}
