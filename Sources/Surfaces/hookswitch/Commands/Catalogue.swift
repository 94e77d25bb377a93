// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct Catalogue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The event types of a project, and who uses them.", subcommands: [CatalogueUsage.self])
}
