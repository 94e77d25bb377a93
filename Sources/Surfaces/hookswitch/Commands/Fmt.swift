// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

struct Fmt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give route files and hookswitch.yaml their one form; comments and meaning stay.",
        discussion: """
            Keys in the order of the reference, two spaces a level, flow style where it fits. Without a path the whole
            project is formatted. Each result is read again and compared before it replaces a file.

              hookswitch fmt
              hookswitch fmt --check routes/orders.yaml
              hookswitch fmt - < orders.yaml
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "Files and folders; - reads stdin and writes stdout.")
    var paths: [String] = []

    @Flag(name: .long, help: "Write nothing; list the files that would change and end with 1 if there are any.")
    var check = false

    func validate() throws {
        if self.paths.contains("-") && (self.paths.count > 1) {
            throw ValidationError("- stands alone: it is stdin, and the result goes to stdout.")
        }
    }

    func run() throws {
        if self.paths == ["-"] { return try self.formatInput() }
        let found = try self.files()
        var changed: [String] = []
        var refused: [(path: String, diagnostic: Diagnostic)] = []
        var files: [ProjectFiles.File] = []
        for path in found {
            let bytes = try Console.readFile(path)
            switch RouteFormat.format(bytes, file: path, kind: Self.kind(of: path)) {
            case .unchanged: break
            case .changed(let result):
                changed.append(path)
                if !self.check { try Self.write(result, to: path) }
            case .refused(let diagnostic):
                refused.append((path, diagnostic))
                files.append(ProjectFiles.File(path: path, bytes: bytes))
            }
        }
        self.report(changed, refused.map(\.diagnostic), ProjectFiles(files), of: found.count)
        if refused.contains(where: { $0.diagnostic.severity == .error }) { throw ExitCode.unreadable }
        if self.check && !changed.isEmpty { throw ExitCode.findings }
    }

    private func formatInput() throws {
        let bytes = Console.readInput()
        switch RouteFormat.format(bytes, file: "stdin") {
        case .unchanged:
            if !self.check { Console.out(bytes: bytes) }
        case .changed(let result):
            if self.check {
                Console.out("stdin")
                throw ExitCode.findings
            }
            Console.out(bytes: result)
        case .refused(let diagnostic):
            // An editor that pipes a buffer through gets it back as it was.
            if !self.check { Console.out(bytes: bytes) }
            ProjectLoading.explain(
                [diagnostic], ProjectFiles([.init(path: "stdin", bytes: bytes)]), self.outputOptions.messageStyle)
            if diagnostic.severity == .error { throw ExitCode.unreadable }
        }
    }

    private func report(_ changed: [String], _ refused: [Diagnostic], _ files: ProjectFiles, of count: Int) {
        if !refused.isEmpty { ProjectLoading.explain(refused, files, self.outputOptions.messageStyle) }
        switch self.outputOptions.format {
        case .json:
            Console.out([
                "schema": "hookswitch/fmt@1", "files": .int(count),
                "changed": .array(changed.map { .string($0) }), "written": .bool(!self.check),
                "refused": .array(refused.map { .string($0.mark?.file ?? "") }),
            ])
        case .ndjson: for path in changed { Console.out(["file": .string(path), "written": .bool(!self.check)]) }
        case .text:
            for path in changed { Console.out(path) }
            let verb = self.check ? "would change" : "changed"
            Console.note("\(changed.count) of \(count) files \(verb)")
        }
    }

    // MARK: Files

    private static func kind(of path: String) -> RouteFormat.Kind {
        path == "hookswitch.yaml" || path.hasSuffix("/hookswitch.yaml") ? .settings : .routeFile
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        do throws(FileFailure) {
            try FileReplacing.replace(path, with: bytes)
        } catch {
            throw Console.fail("\(path): \(error.reason)", .unreadable)
        }
    }

    /// The files that are meant, each once.
    private func files() throws -> [String] {
        var found: [String] = []
        if self.paths.isEmpty {
            let root = self.projectOptions.project
            found = try Self.yaml(below: "\(root)/routes", isAsked: false)
            let settings = "\(root)/hookswitch.yaml"
            if try Self.existing(settings) != nil { found.append(settings) }
            if found.isEmpty {
                throw Console.fail(
                    "there is no route file below \(root)/routes", hint: "name files, or the project with --project",
                    .unreadable)
            }
        }
        for path in self.paths {
            let plain = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            guard let status = try Self.existing(plain) else {
                throw Console.fail("there is no file or folder \"\(path)\"", .unreadable)
            }
            found += status.kind == .folder ? try Self.yaml(below: plain, isAsked: true) : [plain]
        }
        var seen: Set<String> = []
        return found.filter { seen.insert($0).inserted }.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }
    }

    private static func existing(_ path: String) throws -> FileStatus? {
        do throws(FileFailure) {
            return try FileSystem.existing(path)
        } catch {
            throw Console.fail("\(path): \(error.reason)", .unreadable)
        }
    }

    /// Route files below a folder: of a project those in `routes/` and its settings, of any other all YAML files.
    private static func yaml(below folder: String, isAsked: Bool) throws -> [String] {
        guard try Self.existing(folder)?.kind == .folder else { return [] }
        let isProject = try isAsked && Self.existing("\(folder)/routes")?.kind == .folder
        if isProject {
            let settings = "\(folder)/hookswitch.yaml"
            return try Self.yaml(below: "\(folder)/routes", isAsked: false)
                + (Self.existing(settings) == nil ? [] : [settings])
        }
        let names: [String]
        do throws(FileFailure) {
            names = try FileSystem.names(in: folder)
        } catch {
            throw Console.fail("\(folder): \(error.reason)", .unreadable)
        }
        return try names.filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if try Self.existing(path)?.kind == .folder { return try Self.yaml(below: path, isAsked: false) }
            return name.hasSuffix(".yaml") || name.hasSuffix(".yml") ? [path] : []
        }
    }
}
