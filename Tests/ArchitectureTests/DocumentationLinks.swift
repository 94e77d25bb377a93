// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Reads what pages and sources say about each other.
enum DocumentationLinks {
    // Regex is not Sendable, so each is made where it is used.

    /// Links of a page that lead to no file, or to no heading of it.
    static func broken(in page: SourceFile) -> [String] {
        let folder = page.path.split(separator: "/").dropLast().map(String.init)
        return self.outsideCode(page.text).matches(of: /\]\(([^)\s]+)\)/).compactMap { found in
            let link = String(found.1)
            if link.contains("://") || link.hasPrefix("mailto:") { return nil }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? page.path : self.resolved(parts[0], from: folder)
            guard let text = parts[0].isEmpty ? page.text : Repository.text(path) else {
                return self.isFolder(path) ? nil : "\(page.path): \(link) leads nowhere"
            }
            guard parts.count > 1 else { return nil }
            return self.headings(of: text).contains(parts[1]) ? nil : "\(page.path): \(link) names no heading"
        }
    }

    /// Codes in quotes, of the areas that the registry knows.
    static func codes(in source: String, areas: Set<String>) -> [String] {
        source.matches(of: /"([a-z]+)\/([a-z][a-z-]+[a-z])"/).compactMap { found in
            // Media types look alike.
            areas.contains(String(found.1)) ? "\(found.1)/\(found.2)" : nil
        }
    }

    /// Names of metrics declared in a source.
    static func metrics(in source: String) -> [String] {
        source.matches(of: /= Metric\(\s*"([a-z_]+)"/).map { String($0.1) }
    }

    static func processMetrics(in source: String) -> [String] {
        source.matches(of: /add\("(process_[a-z_]+)"/).map { String($0.1) }
    }

    /// Names of the packages in a manifest, without `.git`.
    static func packages(in manifest: String) -> [String] {
        manifest.matches(of: /\.package\(url: "[^"]*\/([^"\/]+)"/).map { String($0.1) }
    }

    /// Headings as anchors, the way GitHub makes them.
    private static func headings(of text: String) -> Set<String> {
        Set(
            self.outsideCode(text).split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
                return String(
                    title.compactMap { letter -> Character? in
                        if letter == " " { return "-" }
                        return letter.isLetter || letter.isNumber || letter == "-" || letter == "_" ? letter : nil
                    })
            })
    }

    /// The text without fenced blocks: what stands there is no link and no heading.
    private static func outsideCode(_ text: String) -> String {
        var isInside = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("```") {
                isInside.toggle()
                return false
            }
            return !isInside
        }.joined(separator: "\n")
    }

    private static func resolved(_ path: String, from folder: [String]) -> String {
        var steps = folder
        for step in path.split(separator: "/") {
            switch step {
            case ".": continue
            case "..": _ = steps.popLast()
            default: steps.append(String(step))
            }
        }
        return steps.joined(separator: "/")
    }

    private static func isFolder(_ path: String) -> Bool {
        let place = Repository.root.appending(path: path).path
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) && isFolder.boolValue
    }
}
