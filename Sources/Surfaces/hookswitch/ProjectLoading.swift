// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

/// Reads and compiles a project for a command, and says what is wrong with it.
enum ProjectLoading {
    struct Compiled {
        let files: ProjectFiles
        let configuration: Configuration
        let revision: Revision?
        let diagnostics: [Diagnostic]
    }

    /// Whatever state the project is in; ends the command only where it cannot be read.
    static func load(_ folder: String, secrets: (any SecretReading)? = nil) throws -> Compiled {
        let files: ProjectFiles
        do throws(ProjectReadFailure) {
            files = try Project.read(folder)
        } catch {
            throw Console.fail("\(error)", hint: "a project is a folder with routes/ and scripts/ in it", .unreadable)
        }
        let compiler = RevisionCompiler(environment: .live, projectFolder: folder, secretOverride: secrets)
        let outcome = compiler.compile(files, gitCommit: Project.gitCommit(of: folder))
        return Compiled(
            files: files, configuration: outcome.configuration, revision: outcome.revision,
            diagnostics: outcome.diagnostics)
    }

    /// A project that must be good: prints its diagnostics and ends the command where it is not.
    static func compile(
        _ folder: String, _ output: OutputOptions, secrets: (any SecretReading)? = nil
    ) throws -> Compiled {
        try self.compile(folder, messages: output.messageStyle, secrets: secrets)
    }

    /// The same for commands whose output has formats of its own.
    static func compile(
        _ folder: String, messages style: Style, secrets: (any SecretReading)? = nil
    ) throws -> Compiled {
        let compiled = try self.load(folder, secrets: secrets)
        if compiled.revision == nil {
            self.explain(compiled.diagnostics, compiled.files, style)
            throw Console.fail("the configuration has errors", hint: "hookswitch check", .refused)
        }
        return compiled
    }

    /// Diagnostics on stderr.
    static func explain(_ diagnostics: [Diagnostic], _ files: ProjectFiles, _ style: Style) {
        Console.note(DiagnosticRenderer(files: files, colour: style.isColoured ? .always : .never).render(diagnostics))
    }
}
